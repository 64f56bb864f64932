import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pluginVersion } from '../../src/emulate/counting_plugin.ts';
import { lockUp, pluginOption, readMarks } from '../../src/emulate/qemu_process.ts';

test('a comma in a path is doubled, as QEMU wants it', () => {
  assert.equal(
    pluginOption('/a,b/p.so', 'marks.txt', [0x1f0, 0x2000]),
    '/a,,b/p.so,out=marks.txt,mark=1f0,mark=2000',
  );
});

test('marks are read up to the last finished line', () => {
  assert.deepEqual(readMarks('00000100 12\n00000200 4000000000\n0000'), [
    { address: 0x100, instructions: 12 },
    { address: 0x200, instructions: 4_000_000_000 },
  ]);
});

test('a lock-up is told with the program counter of the register dump', () => {
  const text =
    "qemu: fatal: Lockup: can't escalate 3 to HardFault (current priority -1)\n\nR00=00000000 R01=1\nR12=0 R13=0 R14=f R15=000001a4\n";
  assert.deepEqual(lockUp(text), {
    fault: "lock-up: Lockup: can't escalate 3 to HardFault (current priority -1)",
    pc: 0x1a4,
    address: null,
  });
  assert.equal(lockUp('qemu-system-arm: warning: nic lan9118.0 has no peer\n'), null);
});

test('QEMU 9 changed the interface for counting', () => {
  assert.deepEqual([7, 8, 9, 10].map(pluginVersion), [1, 1, 2, 2]);
});
