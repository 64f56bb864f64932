import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

test('doctor on an empty machine names what a run needs, with the commands for three systems', () => {
  const { status, stdout } = spawnSync(process.execPath, [cli, 'doctor'], {
    encoding: 'utf8',
    env: { PATH: '/nonexistent' },
  });
  assert.equal(status, 3);
  assert.match(stdout, /\nA run needs arm-none-eabi-gcc, newlib, qemu-system-arm\.\n$/);
  assert.match(stdout, /^✖ qemu-system-arm +missing +runs the firmware$/m);
  for (const command of ['sudo apt-get install qemu-system-arm', 'brew install qemu', 'winget install Soft'])
    assert.ok(stdout.includes(command), command);
  assert.match(stdout, /^- git +absent/m);
});
