import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Graph, tensorAt } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { fixtures } from '../golden/golden.ts';
import { type BuiltModel, buildModel } from './build_model.ts';
import { small } from './tflite.test.ts';

const edges = (graph: Graph) =>
  [...graph.inputs, ...graph.outputs].map((index) => tensorAt(graph, index).name);
const built = (change: Partial<BuiltModel>) =>
  importTflite(buildModel({ ...small, ...change }), { file: 'small.tflite', name: 'small' });

test('inputs and outputs have the names of the signature, as training knows them', () => {
  const signatures = [{ inputs: { image: 0 }, outputs: { scores: 2 } }];
  assert.deepEqual(edges(built({ signatures })), ['image', 'scores']);
  const converted = readFileSync(join(fixtures, 'digits', 'digits_keras_int8.tflite'));
  assert.deepEqual(edges(importTflite(converted, { file: 'digits.tflite', name: 'digits' })), [
    'keras_tensor',
    'output_0',
  ]);
});

test('without a signature, or with one of another subgraph, they keep the names of their tensors', () => {
  assert.deepEqual(edges(built({})), ['x', 'y']);
  const other = [{ inputs: { image: 0 }, outputs: { scores: 2 }, subgraph: 1 }];
  assert.deepEqual(edges(built({ signatures: other, subgraphs: 2 })), ['x', 'y']);
  assert.deepEqual(
    edges(built({ signatures: [...other, { inputs: { a: 0 }, outputs: { b: 2 } }], subgraphs: 2 })),
    ['a', 'b'],
  );
});

test('a signature names nothing but inputs and outputs', () => {
  const graph = built({
    signatures: [{ inputs: { image: 0, weights_of_mine: 1, nowhere: 99 }, outputs: {} }],
  });
  assert.deepEqual(
    graph.tensors.map(({ name }) => name),
    ['image', 'weights', 'y'],
  );
});

test('of several subgraphs the first one runs, as in TensorFlow Lite Micro', () => {
  assert.equal(built({ subgraphs: 3 }).operators.length, 1);
});
