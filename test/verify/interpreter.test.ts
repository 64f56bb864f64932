import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { differences, fixtureModel, type GoldenVector, readGolden } from '../golden/golden.ts';
import { shared, sharedModel, withShared } from '../shared.ts';

for (const name of ['digits_keras_int8', 'digits_keras_int8_pt']) {
  test(`${name}: every layer equals TensorFlow Lite Micro on three seeds and three corners`, () => {
    const graph = fixtureModel(`digits/${name}.tflite`);
    const vectors = readGolden().models[`digits/${name}.tflite`]?.vectors ?? [];
    assert.equal(vectors.length, 6);
    assert.deepEqual(
      vectors.flatMap((vector) => differences(graph, vector)),
      [],
    );
  });
}

/** As the vectors beside the repository are written; layers for seed 1 only. */
interface SharedVectors {
  readonly primary: string;
  readonly vectors: readonly {
    readonly seed: number;
    readonly inputs: readonly { readonly sha256: string }[];
    readonly outputs: readonly { readonly sha256: string }[];
  }[];
  readonly layers_seed_1: readonly {
    readonly op: string;
    readonly tensor: number;
    readonly sha256: string;
  }[];
}

function sharedVectors(name: string): GoldenVector[] {
  const { primary, vectors, layers_seed_1 } = JSON.parse(
    readFileSync(join(shared, 'vectors', `${name}.json`), 'utf8'),
  ) as SharedVectors;
  assert.equal(primary, 'tflm');
  return vectors.map(({ seed, inputs, outputs }) => ({
    input: `seed ${seed}`,
    inputs: inputs.map(({ sha256 }) => sha256),
    outputs: outputs.map(({ sha256 }) => sha256),
    layers: seed === 1 ? layers_seed_1 : [],
  }));
}

for (const path of [
  'kws_ref_model',
  'vww_96_int8',
  'pretrainedResnet_quant',
  'ad01_int8',
  'hello_world_int8',
  'micro_speech_quantized',
  'digits/digits_keras_int8',
  'digits/digits_keras_int8_pt',
]) {
  test(`${path}: outputs of seeds 1 to 3 and every layer of seed 1 equal the golden vectors`, (t) => {
    if (!withShared(t)) return;
    const graph = sharedModel(path);
    const vectors = sharedVectors(path.replace('digits/', ''));
    assert.equal(vectors.length, 3);
    assert.equal(vectors[0]?.layers.length, graph.operators.length);
    assert.deepEqual(
      vectors.flatMap((vector) => differences(graph, vector)),
      [],
    );
  });
}

test('a convolutional network of 12.5 M multiply-accumulates runs in well under a second', (t) => {
  if (!withShared(t)) return;
  const graph = sharedModel('pretrainedResnet_quant');
  const inputs = seededInputs(graph, 1);
  interpret(graph, inputs);
  const start = performance.now();
  interpret(graph, inputs);
  const milliseconds = performance.now() - start;
  assert.ok(milliseconds < 1000, `${milliseconds} ms`);
});

test('the golden comparison can fail: one changed weight is seen at its layer and behind it', () => {
  const graph = fixtureModel('digits/digits_keras_int8.tflite');
  const [, , third] = graph.operators;
  const weights = third?.inputs[1] ?? -1;
  const tensors = graph.tensors.map((tensor) => {
    if (tensor.index !== weights || tensor.data === null) return tensor;
    const data = tensor.data.map((byte, index) => (index === 0 ? byte ^ 0x40 : byte));
    return { ...tensor, data };
  });
  const [vector] = readGolden().models['digits/digits_keras_int8.tflite']?.vectors ?? [];
  assert.ok(vector !== undefined);
  const found = differences({ ...graph, tensors }, vector);
  assert.match(found[0] ?? '', /^seed 1: layer 2 CONV_2D/);
});

test('an input of the wrong length is an error, not a wrong result', () => {
  const graph = fixtureModel('ops/relu.tflite');
  assert.throws(() => interpret(graph, [new Uint8Array(511)]), /input 0 has 511 bytes, expected 512/);
  assert.throws(() => interpret(graph, []), /input 0 has no bytes, expected 512/);
});

test('the given inputs and the constants of the model stay as they are', () => {
  const graph = fixtureModel('digits/digits_keras_int8.tflite');
  const inputs = seededInputs(graph, 5);
  const before = inputs.map((bytes) => bytes.slice());
  const constants = graph.tensors.map(({ data }) => data?.slice() ?? null);
  interpret(graph, inputs);
  assert.deepEqual(inputs, before);
  assert.deepEqual(
    graph.tensors.map(({ data }) => data?.slice() ?? null),
    constants,
  );
});
