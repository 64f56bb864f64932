import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { fixtures } from '../golden/golden.ts';
import {
  type BuiltModel,
  type BuiltOperator,
  type BuiltTensor,
  buildModel,
  int32Bytes,
  someInt8,
} from './build_model.ts';

/** Each mistake gives one sentence that names the file and the tensor or operator, and says what to do. */

const file = 'models/bad.tflite';

function refusal(bytes: Uint8Array): DeployError {
  try {
    importTflite(bytes, { file, name: 'bad' });
  } catch (error) {
    assert.ok(error instanceof DeployError, `${error}`);
    assert.equal(error.kind, 'input');
    assert.equal(error.where.file, file);
    assert.match(error.what, /^[^\n]+\.$/, 'one sentence');
    assert.match(error.hint, /^[^\n]+\.$/, 'a hint');
    assert.ok(!error.message.includes('\n'), 'one line');
    assert.ok(error.message.length < 1500, error.message);
    return error;
  }
  assert.fail('the model was accepted');
}

function refused(title: string, bytes: Uint8Array | (() => Uint8Array), sentence: string | RegExp): void {
  test(`refused: ${title}`, () => {
    const { message } = refusal(typeof bytes === 'function' ? bytes() : bytes);
    if (typeof sentence === 'string') assert.equal(message, `${file}${sentence}`);
    else assert.match(message, sentence);
  });
}

const operator: BuiltOperator = {
  code: 9,
  inputs: [0, 1],
  outputs: [2],
  options: { type: 8, fields: [{ field: 0, int8: 0 }] },
};
const sound: BuiltModel = {
  tensors: [
    { name: 'x', shape: [1, 3], scales: [0.5], zeroPoints: [-1] },
    { name: 'weights', shape: [2, 3], scales: [0.25], zeroPoints: [0], data: someInt8(6) },
    { name: 'y', shape: [1, 2], scales: [2], zeroPoints: [4] },
  ],
  operators: [operator],
  inputs: [0],
  outputs: [2],
};
const withTensor = (index: number, change: Partial<BuiltTensor>) =>
  buildModel({ ...sound, tensors: sound.tensors.map((t, i) => (i === index ? { ...t, ...change } : t)) });
const withOperator = (change: Partial<BuiltOperator>) =>
  buildModel({ ...sound, operators: [{ ...operator, ...change }] });

test('the model from which the bad ones are made is accepted', () => {
  assert.equal(importTflite(buildModel(sound), { file, name: 'bad' }).operators.length, 1);
});

// What is no model.

refused('an empty file', new Uint8Array(0), ': the file is empty. Export the model again.');
refused(
  'a Git LFS pointer',
  Buffer.from(
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32\nsize 12345\n',
  ),
  ': this is a Git LFS pointer, not the model itself. Run `git lfs pull`; in a workflow set `lfs: true` on actions/checkout.',
);
refused(
  'three bytes',
  Buffer.from('abc'),
  ': this is not a TensorFlow Lite model: it is too short. Give the .tflite file that the TFLite converter wrote.',
);
refused(
  'a zip file',
  Buffer.from('PK\u0003\u0004\u0014\u0000\u0000\u0000config.json'),
  /^models\/bad.tflite: this is not a TensorFlow Lite model: it has "\\u0014\\u0000\\u0000\\u0000" where TFL3 should be\./,
);
refused(
  'a page of HTML',
  Buffer.from('<!DOCTYPE html><html><body>404</body></html>'),
  ': this is not a TensorFlow Lite model: it has "CTYP" where TFL3 should be. Give the .tflite file that the TFLite converter wrote.',
);

// What is a model no longer.

const real = new Uint8Array(readFileSync(join(fixtures, 'digits', 'digits_keras_int8.tflite')));

for (const length of [8, 12, 40, 1000, real.length >> 1, real.length - 1000]) {
  refused(
    `a real model cut at ${length} bytes`,
    real.subarray(0, length),
    /: the model is damaged or cut off: /,
  );
}

test('refused: a real model cut anywhere, at 200 places', () => {
  for (let part = 1; part < 200; part++) {
    const length = Math.floor((real.length * part) / 200);
    try {
      importTflite(real.subarray(0, length), { file, name: 'bad' });
    } catch (error) {
      assert.ok(error instanceof DeployError, `${length}: ${error}`);
    }
  }
});

refused(
  'a root table beyond the file',
  () => patched(real, 0, 0xfffffff0),
  ": the model is damaged or cut off: the model lies outside the file's 6424 bytes. Copy or export the file again.".replace(
    '6424',
    String(real.length),
  ),
);

function patched(bytes: Uint8Array, position: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(position, value, true);
  return copy;
}

/** Where the length of the vector with these bytes is. */
function lengthBefore(bytes: Uint8Array, content: Uint8Array): number {
  const at = Buffer.from(bytes).indexOf(content);
  assert.ok(at > 4);
  return at - 4;
}

const marked = withTensor(1, { data: Uint8Array.of(1, 2, 3, 4, 5, 6) });

refused(
  'a length field of 2 GB',
  () => patched(marked, lengthBefore(marked, Uint8Array.of(1, 2, 3, 4, 5, 6)), 0x7fffffff),
  ': the model is damaged or cut off: buffer 1 claims 2147483647 elements, more than the file holds. Copy or export the file again.',
);
refused(
  'a length field of 4 GB in a list',
  () => patched(marked, lengthBefore(marked, int32Bytes([2, 3])), 0xffffffff),
  ': the model is damaged or cut off: the shape of tensor 1 claims 4294967295 elements, more than the file holds. Copy or export the file again.',
);
refused(
  'data behind the flatbuffer that is cut off',
  () => buildModel({ ...sound, dataBehind: true }).slice(0, -3),
  /: the model is damaged or cut off: buffer 1 lies outside the file's \d+ bytes\. /,
);
refused(
  'more tensors than any network has',
  () => buildModel({ ...sound, tensors: Array.from({ length: 10_001 }, () => ({ shape: [1] })) }),
  ': the model has 10001 tensors, more than the 10000 that are allowed. No network for a microcontroller is that large.',
);
refused(
  'vectors that overlap until they fill the memory',
  () => {
    // 10,000 tensors that all point to one shape of 10,000 dimensions.
    const shape = Array.from({ length: 10_000 }, () => 1);
    const tensors = Array.from({ length: 1000 }, (_, index) => ({ shape: index === 0 ? shape : [1] }));
    const bytes = buildModel({
      ...sound,
      tensors,
      operators: [{ ...operator, inputs: tensors.map((_, i) => i) }],
    });
    return shareFirstVector(bytes, int32Bytes(shape.slice(0, 100)), tensors.length);
  },
  /overlap far beyond the file's size/,
);

/** Points every tensor's shape at the first one. The tensor tables are found by their shape vectors of [1]. */
function shareFirstVector(bytes: Uint8Array, content: Uint8Array, tensors: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const target = lengthBefore(copy, content);
  let changed = 0;
  for (let at = 8; at + 4 <= copy.length; at += 4) {
    const pointed = at + view.getUint32(at, true);
    const isShapeOfOne =
      pointed + 8 <= copy.length &&
      view.getUint32(pointed, true) === 1 &&
      view.getUint32(pointed + 4, true) === 1;
    if (isShapeOfOne && target > at) {
      view.setUint32(at, target - at, true);
      changed++;
    }
  }
  assert.ok(changed < 2 * tensors);
  return copy;
}

// Graphs that cannot run.

refused(
  'a cycle',
  buildModel({
    ...sound,
    tensors: [...sound.tensors, { name: 'z', shape: [1, 2], scales: [2], zeroPoints: [4] }],
    operators: [
      { code: 0, inputs: [0, 3], outputs: [2] },
      { code: 0, inputs: [2, 2], outputs: [3] },
    ],
  }),
  ', operator ADD #0, tensor z: the graph has a cycle: this input is computed later, by ADD #1. Export the model again: operators must stand in the order of execution.',
);
refused(
  'an operator that reads what it writes',
  withOperator({ inputs: [2, 1] }),
  /^models\/bad.tflite, operator FULLY_CONNECTED #0, tensor y: the graph has a cycle/,
);
refused(
  'a tensor index beyond the tensors',
  withOperator({ inputs: [0, 77] }),
  ', operator FULLY_CONNECTED #0: tensor 77 is used, but there are only 3. Export the model again.',
);
refused('a tensor index of -2', withOperator({ inputs: [0, -2] }), /tensor -2 is used, but there are only 3/);
refused(
  'no operators',
  buildModel({ ...sound, operators: [] }),
  ': the model has no operators. Export it again.',
);
refused(
  'no subgraph',
  buildModel({ ...sound, subgraphs: 0 }),
  ': the model is damaged or cut off: it has no subgraph. Copy or export the file again.',
);

// Tensors.

refused(
  'an int8 tensor without quantization',
  buildModel({
    ...sound,
    tensors: sound.tensors.map((tensor, index) => (index === 2 ? { name: 'y', shape: [1, 2] } : tensor)),
  }),
  ', operator FULLY_CONNECTED #0, tensor y: the int8 tensor has no quantization (scale and zero point). Export the model with full integer quantization (representative data set).',
);
refused(
  'a shape with -1',
  withTensor(0, { shape: [1, -1] }),
  ', tensor x: the shape [1, -1] is dynamic or empty. Export the model with fixed shapes (batch size 1).',
);
refused(
  'a shape with 0',
  withTensor(2, { shape: [0, 2] }),
  ', tensor y: the shape [0, 2] is dynamic or empty. Export the model with fixed shapes (batch size 1).',
);
refused(
  'a signature with a dynamic width beside a static 1',
  withTensor(0, { shape: [1, 3], signature: [-1, -1] }),
  ', tensor x: dimension 1 of the input [?, ?] is dynamic. Add `shapes: { x: [1, SIZE] }` to this model in tinyml.yml, with the sizes that it runs with.',
);
refused(
  'a product of dimensions beyond 2^64',
  withTensor(2, { shape: [2147483647, 2147483647, 2147483647] }),
  /^models\/bad.tflite, tensor y: the shape .* takes 9.9\d*e\+27 bytes, more than the 16777216 that are allowed\. /,
);
refused(
  'weights of another length than their shape',
  withTensor(1, { data: someInt8(7) }),
  ', tensor weights: the shape [2, 3] takes 6 bytes, but the file has 7. Copy or export the file again.',
);
refused(
  'a buffer that is not there',
  withTensor(0, { buffer: 9 }),
  ': the model is damaged or cut off: tensor 0 uses buffer 9 of 2. Copy or export the file again.',
);
refused(
  'float32 activations',
  withTensor(0, { type: 0 }),
  ', operator FULLY_CONNECTED #0, tensor y: type int8 beside float32 is not supported here. Quantize the whole model, or none of it.',
);
refused(
  'int16 activations with a zero point',
  withTensor(0, { type: 7 }),
  ', operator FULLY_CONNECTED #0, tensor x: the int16 tensor has a zero point other than 0. Quantize int16 activations symmetrically, as the TFLite 16x8 specification demands.',
);
refused(
  'int16 activations that end in int8',
  withTensor(0, { type: 7, zeroPoints: [0] }),
  /operator FULLY_CONNECTED #0, tensor .*: type int8 is not supported here \(supported: int16\)\./,
);
refused(
  'int4 weights',
  withTensor(1, { type: 17 }),
  ', tensor weights: type int4 is not supported. Convert the model with full integer quantization (int8).',
);
refused(
  'a type that TFLite does not have',
  withTensor(0, { type: 99 }),
  ', tensor x: type 99 is not supported. Convert the model with full integer quantization (int8).',
);
refused(
  'a variable tensor',
  withTensor(0, { isVariable: true }),
  ', tensor x: a model input is a variable tensor. Export the model again.',
);
refused(
  'asymmetric weights',
  withTensor(1, { zeroPoints: [3] }),
  ', operator FULLY_CONNECTED #0, tensor weights: the weights have a zero point other than 0. Quantize the weights symmetrically, as the TFLite int8 specification demands.',
);
refused(
  'three scales for two channels',
  withTensor(1, { scales: [1, 2, 3], zeroPoints: [0, 0, 0] }),
  ', tensor weights: it has 3 scales for dimension 0 of [2, 3]. Export the model again.',
);
refused(
  'a negative quantized dimension',
  withTensor(1, { scales: [1, 2], zeroPoints: [0, 0], axis: -5 }),
  ', tensor weights: it has 2 scales for dimension -5 of [2, 3]. Export the model again.',
);
refused(
  'an infinite scale',
  withTensor(0, { scales: [Number.POSITIVE_INFINITY] }),
  ', tensor x: a quantization scale is not a positive number. Export the model again.',
);
refused(
  'an output of another shape than the operator gives',
  withTensor(2, { shape: [1, 5] }),
  ', operator FULLY_CONNECTED #0, tensor y: the output is not 1 × 2 elements. Export the model again: the file is not a valid TFLite model.',
);

refused(
  'a layer that would compute for days',
  buildModel({
    ...sound,
    tensors: [
      { name: 'x', shape: [1, 2048, 2048, 1], scales: [0.5], zeroPoints: [-1] },
      { name: 'weights', shape: [1, 100, 100, 1], scales: [0.25], zeroPoints: [0], data: someInt8(10_000) },
      { name: 'y', shape: [1, 2048, 2048, 1], scales: [2], zeroPoints: [4] },
    ],
    operators: [
      {
        ...operator,
        code: 3,
        options: {
          type: 1,
          fields: [
            { field: 1, int32: 1 },
            { field: 2, int32: 1 },
          ],
        },
      },
    ],
  }),
  ', operator CONV_2D #0, tensor y: the layer takes 41943040000 multiply-accumulates, more than the 4294967296 that are allowed. No network for a microcontroller is that large.',
);

// Operators.

refused(
  'an operator that we do not compute',
  withOperator({ code: 15 }),
  /^models\/bad.tflite, operator LSH_PROJECTION #0: this operator is not supported\. Build it from the \d+ that are \(docs\/operators\.md lists them\), or leave it outside of the model\.$/,
);
refused(
  'a custom operator',
  withOperator({ code: 32, customName: 'Signal\nWindow' }),
  /^models\/bad.tflite, operator CUSTOM Signal\\u\{a\}Window #0: this operator is not supported\./,
);
refused(
  'an operator code of the future',
  withOperator({ code: 4711 }),
  /^models\/bad.tflite, operator BUILTIN_4711 #0: this operator is not supported\./,
);
refused(
  'a fused TANH',
  withOperator({ options: { type: 8, fields: [{ field: 0, int8: 4 }] } }),
  ', operator FULLY_CONNECTED #0: the fused activation is not supported (supported: none, RELU, RELU6, RELU_N1_TO_1). Use the activation as a layer of its own, or one of these.',
);
refused(
  'an operator without its weights',
  withOperator({ inputs: [0, -1] }),
  ', operator FULLY_CONNECTED #0: input 1 is missing. Export the model again: the file is not a valid TFLite model.',
);
refused(
  'an operator with too few inputs',
  withOperator({ inputs: [0] }),
  ', operator FULLY_CONNECTED #0: it has 1 inputs, expected 2 to 3. Export the model again: the file is not a valid TFLite model.',
);
refused(
  'a pooling stride of 0',
  buildModel({
    ...sound,
    tensors: [
      { name: 'x', shape: [1, 4, 4, 2], scales: [1] },
      { name: 'y', shape: [1, 2, 2, 2], scales: [1] },
    ],
    operators: [{ code: 17, inputs: [0], outputs: [1] }],
    outputs: [1],
  }),
  ', operator MAX_POOL_2D #0: strides and window sizes must be at least 1. Export the model again: the file is not a valid TFLite model.',
);

test('refused: names of 10,000 characters and line breaks stay one short line', () => {
  const { message } = refusal(withTensor(0, { name: `a\n${'x'.repeat(10_000)}`, shape: [1, -1] }));
  assert.equal(
    message,
    `${file}, tensor a\\u{a}${'x'.repeat(114)}…: the shape [1, -1] is dynamic or empty. Export the model with fixed shapes (batch size 1).`,
  );
});
