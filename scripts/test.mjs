// Runs the tests and says plainly what passed, failed and was skipped.
//   node scripts/test.mjs            every test
//   node scripts/test.mjs --unit     without *.e2e.test.ts
//   node scripts/test.mjs FILE...    these files
// The last line is always `N passed, N failed[, N skipped]`.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// TypeScript runs as it is from 22.18 on; the development dependency `node` is new enough.
if (major < 22 || (major === 22 && minor < 18)) {
  const newer = join(root, 'node_modules', '.bin', 'node');
  if (process.env.TINYML_TEST_REEXEC !== undefined || !existsSync(newer)) {
    console.error(`Tests need Node 22.18 or newer; this is ${process.versions.node}. Run \`npm ci\` first.`);
    process.exit(3);
  }
  const child = spawnSync(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, TINYML_TEST_REEXEC: '1' },
  });
  process.exit(child.status ?? 1);
}

const names = process.argv.slice(2);
const isUnit = names.includes('--unit');
const given = names.filter((name) => name !== '--unit');
const unknown = given.filter((name) => name.startsWith('-') || !existsSync(name));
if (unknown.length > 0) {
  console.error(`No such test file: ${unknown.join(', ')}`);
  process.exit(2);
}
const files = (
  given.length > 0
    ? given.map((name) => resolve(name))
    : readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => join(root, 'test', name))
)
  .filter((file) => !isUnit || !file.endsWith('.e2e.test.ts'))
  .sort();

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const passed = [];
const failed = [];
const skipped = [];
/** The chain of titles above the test that is reported, per file. */
const titles = new Map();

/** `a › b › c`, from the nesting that the runner reports. */
function fullName(event) {
  const chain = titles.get(event.file) ?? [];
  return [...chain.slice(0, event.nesting), event.name].join(' › ');
}

function place(event) {
  if (event.file === undefined) return '';
  return `${relative(root, event.file)}${event.line === undefined ? '' : `:${event.line}`}`;
}

let currentFile = '';
function heading(event) {
  if (event.file === undefined || event.file === currentFile) return;
  currentFile = event.file;
  console.log(paint(1, relative(root, event.file)));
}

// Packed once for all tests of the packed action: two that pack at a time would share a build folder.
const packed = mkdtempSync(join(tmpdir(), 'tinyml-dist-'));
process.on('exit', () => rmSync(packed, { recursive: true, force: true }));
if (given.length === 0 && !isUnit) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'pack.mjs'), '--out', packed], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(3);
  process.env.TINYML_TEST_DIST = packed;
}

const stream = run({ files, cwd: root, concurrency: 2, timeout: 900_000 });

stream.on('test:start', (event) => {
  const chain = (titles.get(event.file) ?? []).slice(0, event.nesting);
  chain[event.nesting] = event.name;
  titles.set(event.file, chain);
});
stream.on('test:pass', (event) => {
  if (event.details.type === 'suite' && event.skip === undefined) return;
  heading(event);
  const name = fullName(event);
  const reason = event.skip ?? event.todo;
  if (reason !== undefined) {
    skipped.push({
      name,
      where: place(event),
      reason: reason === true || reason === '' ? 'no reason given' : reason,
    });
    console.log(`  ${paint(33, '- skipped')} ${name}`);
    return;
  }
  passed.push(name);
  const took =
    event.details.duration_ms > 1000 ? paint(2, ` (${(event.details.duration_ms / 1000).toFixed(1)} s)`) : '';
  console.log(`  ${paint(32, '✔')} ${name}${took}`);
});
stream.on('test:fail', (event) => {
  const error = event.details.error;
  // The parent of a failed test has not failed by itself.
  if (error?.failureType === 'subtestsFailed') return;
  heading(event);
  const name = fullName(event);
  failed.push({ name, where: place(event), error: error?.cause ?? error });
  console.log(`  ${paint(31, '✖')} ${name}`);
});
stream.on('test:stderr', (event) => process.stderr.write(event.message));
stream.on('test:stdout', (event) => process.stdout.write(event.message));

for await (const _ of stream);

for (const { name, where, error } of failed) {
  console.log(`\n${paint(31, '✖ FAILED')} ${name}\n  ${where}`);
  const text = error instanceof Error ? (error.stack ?? error.message) : inspect(error, { depth: 6 });
  console.log(text.replace(/^/gm, '    '));
}

if (skipped.length > 0) {
  console.log(`\n${paint(33, `SKIPPED ${skipped.length}:`)}`);
  for (const { name, where, reason } of skipped) console.log(`  - ${name} (${where}): ${reason}`);
}
if (process.env.GITHUB_STEP_SUMMARY !== undefined && process.env.GITHUB_STEP_SUMMARY !== '') {
  const list = skipped.map(({ name, where, reason }) => `- \`${where}\` ${name}: **${reason}**`);
  appendFileSync(
    process.env.GITHUB_STEP_SUMMARY,
    `### Tests\n\n${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped\n\n${list.length === 0 ? 'Nothing was skipped.' : `Skipped:\n\n${list.join('\n')}`}\n`,
  );
}

const nothingRan = passed.length + failed.length + skipped.length === 0;
if (nothingRan) console.log('No test ran.');
console.log('');
process.exitCode = failed.length > 0 || nothingRan ? 1 : 0;
console.log(
  `${passed.length} passed, ${failed.length} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`,
);
