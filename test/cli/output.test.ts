import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

describe('standard output', () => {
  it('that nobody reads changes nothing about the exit code', async () => {
    const child = spawn(process.execPath, [cli, 'explain', 'missing.tflite', '--json'], { stdio: 'pipe' });
    child.stdout.destroy();
    assert.deepEqual(await once(child, 'exit'), [2, null]);
  });
  it('that takes no more is an error', (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full here');
    const { status, stderr } = spawnSync(process.execPath, [cli, '--help'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    assert.equal(status, 3);
    assert.equal(stderr, 'error: The output cannot be written (ENOSPC).\n');
  });
});
