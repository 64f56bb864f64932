import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployError, printable } from '../src/errors.ts';

describe('DeployError', () => {
  it('says where, what and what to do in one line', () => {
    const error = new DeployError(
      'input',
      'Unknown key "modles".',
      { file: 'tinyml.yml', line: 3, column: 1 },
      'Did you mean "models"?',
    );
    assert.equal(error.message, 'tinyml.yml:3:1: Unknown key "modles". Did you mean "models"?');
    assert.equal(error.kind, 'input');
  });
  it('names operator and tensor', () => {
    const error = new DeployError('input', 'No.', { operator: 'CONV_2D #3', tensor: 'a\nb' });
    assert.equal(error.message, 'operator CONV_2D #3, tensor a\\u{a}b: No.');
  });
});

describe('printable', () => {
  it('escapes control and direction characters', () => {
    assert.equal(printable('a\u001b[31mb\u202e'), 'a\\u{1b}[31mb\\u{202e}');
  });
  it('cuts long text', () => {
    assert.equal(printable('x'.repeat(10_000)), `${'x'.repeat(120)}…`);
  });
});
