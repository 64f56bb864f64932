import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importTflite } from '../../src/import/tflite.ts';
import { nodeOf } from '../../src/operators/operator.ts';
import { fixtureModel, fixtures, sha256 } from '../golden/golden.ts';
import { buildModel, someInt8 } from './build_model.ts';

/** x (0) × weights (1) → y (2): a fully connected layer of 3 inputs and 2 outputs. */
export const small = {
  tensors: [
    { name: 'x', shape: [1, 3], scales: [0.5], zeroPoints: [-1] },
    { name: 'weights', shape: [2, 3], scales: [0.25], zeroPoints: [0], data: someInt8(6) },
    { name: 'y', shape: [1, 2], scales: [2], zeroPoints: [4] },
  ],
  operators: [
    { code: 9, inputs: [0, 1, -1], outputs: [2], options: { type: 8, fields: [{ field: 0, int8: 1 }] } },
  ],
  inputs: [0],
  outputs: [2],
};

const source = { file: 'small.tflite', name: 'small' };

test('a real model: tensors, operators, options, quantization and constants as in the file', () => {
  const bytes = readFileSync(join(fixtures, 'digits', 'digits_keras_int8.tflite'));
  const graph = importTflite(bytes, { file: 'models/digits.tflite', name: 'digits' });
  assert.equal(graph.name, 'digits');
  assert.deepEqual(graph.source, {
    file: 'models/digits.tflite',
    format: 'tflite',
    sha256: sha256(bytes),
    bytes: bytes.length,
  });
  assert.deepEqual(
    graph.operators.map(({ kind }) => kind),
    [
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'CONV_2D',
      'MAX_POOL_2D',
      'CONV_2D',
      'ADD',
      'MEAN',
      'FULLY_CONNECTED',
      'SOFTMAX',
    ],
  );
  const [input] = graph.inputs.map((index) => graph.tensors[index]);
  assert.deepEqual(input?.shape, [1, 8, 8, 1]);
  assert.equal(input?.type, 'int8');
  assert.equal(input?.quantization?.scales.length, 1);
  assert.equal(Math.fround(input?.quantization?.scales[0] ?? 0), input?.quantization?.scales[0]);
  const [first] = graph.operators;
  assert.ok(first !== undefined);
  const node = nodeOf(graph, first);
  assert.deepEqual(node.options, {
    padding: 'same',
    strideWidth: 1,
    strideHeight: 1,
    activation: 'relu',
    dilationWidth: 1,
    dilationHeight: 1,
  });
  const weights = node.inputs[1];
  assert.deepEqual(weights?.shape, [12, 3, 3, 1]);
  assert.equal(weights?.quantization?.scales.length, 12);
  assert.equal(weights?.quantization?.axis, 0);
  assert.equal(weights?.data?.length, 108);
  assert.equal(node.inputs[2]?.type, 'int32');
});

test('an absent optional input stays absent, and absent options have the schema defaults', () => {
  const graph = importTflite(buildModel(small), source);
  assert.deepEqual(graph.operators[0]?.inputs, [0, 1, -1]);
  const [first] = graph.operators;
  assert.ok(first !== undefined);
  assert.deepEqual(nodeOf(graph, first).inputs[2], null);
  assert.deepEqual(first.options, { activation: 'relu', weightsFormat: 0 });
  const [operator] = small.operators;
  assert.ok(operator !== undefined);
  const bare = buildModel({ ...small, operators: [{ code: 9, inputs: [0, 1], outputs: [2] }] });
  assert.deepEqual(importTflite(bare, source).operators[0]?.options, {
    activation: 'none',
    weightsFormat: 0,
  });
});

test('the same bytes give the same graph', () => {
  assert.deepEqual(importTflite(buildModel(small), source), importTflite(buildModel(small), source));
});

test('files of 2020 and before have the operator code only in the old byte', () => {
  const graph = importTflite(buildModel({ ...small, oldOperatorCodes: true }), source);
  assert.equal(graph.operators[0]?.kind, 'FULLY_CONNECTED');
});

test('constant data may lie behind the flatbuffer', () => {
  const inside = importTflite(buildModel(small), source);
  const behind = importTflite(buildModel({ ...small, dataBehind: true }), source);
  assert.deepEqual([...(behind.tensors[1]?.data ?? [])], [...(inside.tensors[1]?.data ?? [])]);
});

test('a batch of -1 in the signature beside a static batch of 1 is a fixed shape', () => {
  const tensors = small.tensors.map((tensor, index) =>
    index === 0 ? { ...tensor, signature: [-1, 3] } : tensor,
  );
  assert.deepEqual(importTflite(buildModel({ ...small, tensors }), source).tensors[0]?.shape, [1, 3]);
});

test('tensors that nothing uses do not matter, whatever they are', () => {
  const strange = { name: 'strange', shape: [-1, 0, 2_000_000_000], type: 13, isVariable: true };
  const graph = importTflite(buildModel({ ...small, tensors: [...small.tensors, strange] }), source);
  assert.deepEqual(graph.tensors[3], {
    index: 3,
    name: 'strange',
    type: 'int8',
    shape: [],
    quantization: null,
    data: null,
  });
});

test('names are kept as text, cut at 1024 bytes', () => {
  const names = ['x\n::error::y', 'w'.repeat(10_000), 'ü"\'\u202e'];
  const tensors = small.tensors.map((tensor, index) => ({ ...tensor, name: names[index] ?? '' }));
  const graph = importTflite(buildModel({ ...small, tensors }), source);
  assert.deepEqual(
    graph.tensors.map(({ name }) => name),
    ['x\n::error::y', 'w'.repeat(1024), 'ü"\'\u202e'],
  );
});

test('one zero point serves all channels', () => {
  const tensors = small.tensors.map((tensor, index) =>
    index === 1 ? { ...tensor, scales: [0.25, 0.5], zeroPoints: [0] } : tensor,
  );
  const graph = importTflite(buildModel({ ...small, tensors }), source);
  assert.deepEqual(graph.tensors[1]?.quantization, { scales: [0.25, 0.5], zeroPoints: [0, 0], axis: 0 });
});

test('float edges: QUANTIZE and DEQUANTIZE make a float32 input and output', () => {
  const graph = fixtureModel('variants/quantize_float.tflite');
  assert.equal(graph.tensors[graph.inputs[0] ?? -1]?.type, 'float32');
  const back = fixtureModel('variants/dequantize.tflite');
  assert.equal(back.tensors[back.outputs[0] ?? -1]?.type, 'float32');
});
