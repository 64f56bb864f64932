import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** One start of a program: `uv` or the Python of the environment that it made. */
export interface Call {
  readonly program: 'uv' | 'python';
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
}

export interface FakeUv {
  /** A value of PATH with `uv` in it. */
  readonly path: string;
  readonly cacheFolder: string;
  /** Takes temporary files and a home folder. */
  readonly folder: string;
  readonly calls: () => readonly Call[];
}

/**
 * Programs that write down how they were called. `uv` and `python` are what they do then, as the text of a function body of
 * JavaScript with `args`; the python that `uv venv` makes is of them.
 */
export function fakeUv(t: TestContext, { uv = '', python = '' } = {}): FakeUv {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-uv-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  const log = join(folder, 'calls.json');
  mkdirSync(bin);
  const program = (name: string, body: string) => `#!${process.execPath}
const fs = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
const call = { program: '${name}', args, environment: { ...process.env }, folder: process.cwd() };
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify(call) + '\\n');
const end = (code, text) => { process.stderr.write(text + '\\n'); process.exitCode = code; };
(() => {${body}})();
`;
  writeFileSync(join(bin, 'python-of-uv'), program('python', python));
  writeFileSync(
    join(bin, 'uv'),
    program(
      'uv',
      `${uv}
if (args[0] === 'venv') {
  const made = path.join(args.at(-1), 'bin');
  fs.mkdirSync(made, { recursive: true });
  fs.copyFileSync(${JSON.stringify(join(bin, 'python-of-uv'))}, path.join(made, 'python'));
  fs.chmodSync(path.join(made, 'python'), 0o755);
} else process.stderr.write('Downloading tensorflow-cpu (261.1MiB)\\nInstalled 33 packages in 190ms\\n');`,
    ),
  );
  chmodSync(join(bin, 'uv'), 0o755);
  return {
    path: bin,
    cacheFolder: join(folder, 'cache', 'tinyml-deploy'),
    folder,
    calls: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Call)
        : [],
  };
}
