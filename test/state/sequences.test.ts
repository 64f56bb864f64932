import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stateOf } from '../../src/graph/graph.ts';
import { sha256 } from '../golden/golden.ts';
import { stateModels } from './models.ts';
import { interpretSequence, readSequences, stateFiles, stateFolder, stateModel } from './sequences.ts';

const golden = readSequences();

test('every model that keeps state has golden sequences', () => {
  assert.deepEqual(Object.keys(golden.models).sort(), stateFiles());
});

test('the hand-made models are those of test/state/models.ts', () => {
  for (const [name, bytes] of stateModels)
    assert.deepEqual(new Uint8Array(readFileSync(join(stateFolder, `${name}.tflite`))), bytes, name);
});

for (const [name, record] of Object.entries(golden.models)) {
  test(`${name}: inference after inference bit-exact with TensorFlow Lite Micro`, () => {
    assert.equal(sha256(readFileSync(join(stateFolder, `${name}.tflite`))), record.sha256);
    assert.equal(record.refused, undefined);
    const graph = stateModel(name);
    for (const { labels, outputs } of [record.seeds, record.corners])
      assert.deepEqual(interpretSequence(graph, labels), outputs);
  });

  test(`${name}: what came before counts, until a reset`, () => {
    const graph = stateModel(name);
    const { labels, outputs } = record.corners;
    const [alone] = interpretSequence(graph, labels.slice(-1));
    assert.equal(alone, record.seeds.outputs[0]);
    assert.notEqual(alone, outputs.at(-1));
    assert.ok(stateOf(graph).length > 0);
  });
}
