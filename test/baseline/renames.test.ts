import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findRenames } from '../../src/baseline/renames.ts';
import { measurement } from '../report/sample.ts';

const of = (name: string, sha256: string, target = 'm4') =>
  measurement({ model: { name, file: `${name}.tflite`, sha256, bytes: 1 }, target });

describe('findRenames', () => {
  it('follows a model by its content, on each target', () => {
    assert.deepEqual(
      findRenames([of('kws', 'A'), of('kws', 'A', 'm7')], [of('speech', 'A'), of('speech', 'A', 'm7')]),
      [
        { target: 'm4', from: 'kws', to: 'speech' },
        { target: 'm7', from: 'kws', to: 'speech' },
      ],
    );
  });

  it('takes another content for another model, and a copy for a new one', () => {
    assert.deepEqual(findRenames([of('kws', 'A')], [of('speech', 'B')]), []);
    assert.deepEqual(findRenames([of('kws', 'A')], [of('kws', 'A'), of('copy', 'A')]), []);
    assert.deepEqual(findRenames([of('kws', 'A')], [of('kws', 'B'), of('speech', 'A')]), []);
  });

  it('lets an old row answer once', () => {
    assert.deepEqual(findRenames([of('kws', 'A')], [of('one', 'A'), of('two', 'A')]), [
      { target: 'm4', from: 'kws', to: 'one' },
    ]);
  });
});
