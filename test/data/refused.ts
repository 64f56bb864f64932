import assert from 'node:assert/strict';
import { DeployError } from '../../src/errors.ts';

/** Whatever `act` does ends in one sentence of kind `input` that matches. */
export function refuses(pattern: RegExp, act: () => unknown): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof DeployError, String(error));
    assert.equal(error.kind, 'input');
    assert.match(error.message, pattern);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}
