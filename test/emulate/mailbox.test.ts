import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMailbox, mailboxCapacity } from '../../src/emulate/mailbox.ts';
import { DeployError } from '../../src/errors.ts';
import { findTarget } from '../../src/targets/index.ts';

const { map } = findTarget('cortex-m4').qemu;

test('header and packed samples, little-endian', () => {
  const samples = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
  assert.equal(
    Buffer.from(encodeMailbox({ samples }, map, { fence: true })).toString('hex'),
    ['544d4c4d', '01000000', '02000000', '03000000', '010203', '040506'].join(''),
  );
  assert.equal(encodeMailbox({ samples }, map, { fence: false })[4], 0);
});

test('more samples than the board takes is an input error that says how many it takes', () => {
  const sample = new Uint8Array(1024 * 1024);
  assert.equal(mailboxCapacity(map, sample.length), 15);
  assert.throws(
    () => encodeMailbox({ samples: Array(16).fill(sample) }, map, { fence: true }),
    (error: unknown) =>
      error instanceof DeployError && error.kind === 'input' && /at most 15/.test(error.message),
  );
});

test('samples of different lengths are a mistake of the caller', () => {
  assert.throws(
    () => encodeMailbox({ samples: [new Uint8Array(1), new Uint8Array(2)] }, map, { fence: true }),
    RangeError,
  );
});
