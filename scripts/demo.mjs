// From a fresh clone to a proven network: `npm ci && npm run demo`, on Node 20 or newer.
//   npm run demo                  installs what is missing (by apt-get, saying so), then deploys examples/digits
//   npm run demo -- --no-install  only says what is missing
// Other options go to `tinyml-deploy run`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = process.argv.slice(2);
const mayInstall = !options.includes('--no-install');

if (Number.parseInt(process.versions.node, 10) < 20) {
  console.error(`The demo needs Node 20 or newer; this is ${process.versions.node}.`);
  process.exit(3);
}

tinymlDeploy(['doctor', ...(mayInstall ? ['--install'] : [])]);
console.log('\nDeploying examples/digits: two networks that read handwritten digits, on three targets.\n');
tinymlDeploy(['run', '--directory', join(root, 'examples', 'digits'), ...options]);
console.log('\nNext: `tinyml-deploy init` in a repository of yours.');

/** Runs the command line in this terminal, as a user would; ends the demo with its exit code when it fails. */
function tinymlDeploy(parameters) {
  const [program, ...start] = commandLine();
  const { status, error } = spawnSync(program, [...start, ...parameters], { stdio: 'inherit' });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) process.exit(status ?? 3);
}

/** The packed command line; from the sources, which take a newer Node, where it has not been packed. */
function commandLine() {
  const packed = join(root, 'dist', 'cli', 'index.js');
  if (existsSync(packed)) return [process.execPath, packed];
  const newer = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(newer)) return [newer, join(root, 'src', 'cli.ts')];
  console.error(`Run \`npm ci\` in ${relative(process.cwd(), root) || '.'} first.`);
  process.exit(3);
}
