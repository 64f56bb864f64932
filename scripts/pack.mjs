// Packs the action and the command line into dist/, which is committed: `uses:` runs it as it is.
//   node scripts/pack.mjs          writes dist/
//   node scripts/pack.mjs --out F  writes the same below the folder F, for tests of what is not committed yet
//   node scripts/pack.mjs --check  says which files of dist/ are stale; exit code 1 if any
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ncc from '@vercel/ncc';
import { transformSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, 'build');
const { values: options } = parseArgs({ options: { check: { type: 'boolean' }, out: { type: 'string' } } });
const dist = resolve(options.out ?? join(root, 'dist'));
const entries = ['action', 'cli'];
// All of dist/; what a workflow downloads at each run.
const limitBytes = 6_000_000;

compile();
const files = new Map();
for (const entry of entries) {
  for (const [name, content] of await bundle(entry)) files.set(join(dist, entry, name), content);
}
const total = [...files.values()].reduce((sum, content) => sum + content.length, 0);
console.log(`dist: ${(total / 1e6).toFixed(2)} MB in ${files.size} files`);
if (total > limitBytes) fail(`dist is above ${limitBytes / 1e6} MB`);

if (options.check) check();
else write();

function compile() {
  rmSync(build, { recursive: true, force: true });
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  if (status !== 0) fail('tsc failed');
}

/** @returns {Promise<Map<string, Buffer>>} */
async function bundle(entry) {
  process.chdir(root);
  const { code, assets } = await ncc(join(build, `${entry}.js`), {
    cache: false,
    esm: true,
    quiet: true,
    license: 'licenses.txt',
    target: 'es2022',
  });
  const result = new Map([['index.js', slim(code, false)]]);
  for (const [name, { source }] of Object.entries(assets)) {
    result.set(name, name.endsWith('.js') ? slim(source.toString(), true) : Buffer.from(source));
  }
  result.set('package.json', Buffer.from('{"type":"module"}\n'));
  return result;
}

/**
 * Without white space, comments and long local names; ncc itself leaves split-off files as they are. Those are other
 * people's libraries; in ours every function keeps its own name, so that a stack trace stays readable.
 */
function slim(code, isLibrary) {
  const { code: small } = transformSync(code, {
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    keepNames: !isLibrary,
    legalComments: 'none',
  });
  return Buffer.from(small);
}

function write() {
  for (const entry of entries) rmSync(join(dist, entry), { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  chmodSync(join(dist, 'cli', 'index.js'), 0o755);
}

function check() {
  const stale = [...files]
    .filter(([path, content]) => !existsSync(path) || !readFileSync(path).equals(content))
    .map(([path]) => path);
  const left = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !files.has(path));
  for (const path of stale) console.error(`stale: ${relative(root, path)}`);
  for (const path of left) console.error(`left over: ${relative(root, path)}`);
  if (stale.length + left.length > 0) fail('run `npm run pack` and commit dist/');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
