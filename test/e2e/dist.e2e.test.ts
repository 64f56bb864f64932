import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';

const dist = join(import.meta.dirname, '../../dist');

describe('dist', () => {
  it('is below 6 MB, all of it', () => {
    const bytes = readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
    assert.ok(bytes > 0 && bytes < 6e6, `${bytes} bytes`);
  });

  it('names the licences of what is packed into it', () => {
    for (const entry of ['action', 'cli']) assert.ok(existsSync(join(dist, entry, 'licenses.txt')), entry);
  });

  it('starts in less than half a second', async () => {
    const action = await fastest(join(dist, 'action', 'index.js'), [], { INPUT_EMULATOR: 'none' });
    assert.match(action.output, /The input `emulator` cannot be `none`/);
    assert.ok(action.milliseconds < 500, `the action: ${action.milliseconds} ms`);
    const cli = await fastest(join(dist, 'cli', 'index.js'), ['--help'], {});
    assert.match(cli.output, /Usage: tinyml-deploy/);
    assert.ok(cli.milliseconds < 500, `the command line: ${cli.milliseconds} ms`);
  });
});

/** The best of five: what the program takes, without what else this machine does. */
async function fastest(
  program: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly milliseconds: number; readonly output: string }> {
  let milliseconds = Number.POSITIVE_INFINITY;
  let output = '';
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const start = performance.now();
    output = (await execa(process.execPath, [program, ...parameters], { env, reject: false })).stdout;
    milliseconds = Math.min(milliseconds, performance.now() - start);
  }
  return { milliseconds, output };
}
