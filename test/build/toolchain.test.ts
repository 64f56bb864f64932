import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findToolchain, requireRecent } from '../../src/build/toolchain.ts';
import { DeployError } from '../../src/errors.ts';

const isToolError = (pattern: RegExp) => (error: unknown) =>
  error instanceof DeployError &&
  error.kind === 'tool' &&
  pattern.test(error.message) &&
  error.message.includes('apt-get install gcc-arm-none-eabi');

test('a compiler too old is an error that names version and remedy', () => {
  assert.throws(
    () => requireRecent(9, 'arm-none-eabi-gcc'),
    isToolError(/too old: version 9, and 10 or newer/),
  );
  assert.throws(() => requireRecent(Number.NaN, 'arm-none-eabi-gcc'), isToolError(/version unknown/));
  assert.doesNotThrow(() => requireRecent(10, 'arm-none-eabi-gcc'));
});

test('a missing compiler is an error that names the remedy', async () => {
  await assert.rejects(findToolchain('no/such/folder'), isToolError(/arm-none-eabi-gcc is missing/));
});
