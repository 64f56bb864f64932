import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { elementCount, type Graph, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { toIntegerBytes } from '../../src/quantize/encoding.ts';
import { layerErrors } from '../../src/quantize/layer_errors.ts';
import { type ActivationTypes, defaultOptions } from '../../src/quantize/options.ts';
import { checkedFloat, type Quantized, quantize } from '../../src/quantize/quantize.ts';
import type { Sample } from '../../src/quantize/samples.ts';
import { addNoise, decibels } from '../../src/quantize/signal_to_noise.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { alone, rows, score } from './score.ts';

/** Activations in sixteen bits, weights in eight. */

const digits = () => fixtureModel('digits/digits_keras_float.tflite');
const calibration = () => alone(rows(fixtures, 'digits/digits_calib_x.npy'));
const wide = { ...defaultOptions, activations: 'int16' } as const;

test('digits: more than the 40.6 dB that TensorFlow’s converter keeps with int16 activations', () => {
  const quantized = quantize(digits(), calibration(), wide);
  const labels = rows(fixtures, 'digits/digits_y.npy').map(([label = -1]) => label);
  const { accuracy, decibels: kept } = score(quantized, rows(fixtures, 'digits/digits_x.npy'), labels);
  assert.ok(kept > 40.6, `${kept} dB`);
  assert.ok(accuracy >= 0.965, `${accuracy} right`);
});

test('every activation is int16 around zero, weights are int8 per channel, biases int64 of input × weight scale', () => {
  const { graph, wide: raised } = quantize(digits(), calibration().slice(0, 8), wide);
  const computed = graph.operators.flatMap(({ outputs }) => outputs.map((index) => tensorAt(graph, index)));
  assert.ok(
    computed.every(({ type, quantization }) => type === 'int16' && quantization?.zeroPoints[0] === 0),
  );
  assert.equal(raised.length, 9);
  assert.deepEqual(
    raised.map(({ decibels: each }) => each),
    raised.map(({ decibels: each }) => each).toSorted((a, b) => a - b),
  );
  for (const { kind, inputs } of graph.operators) {
    const axis = { CONV_2D: 0, DEPTHWISE_CONV_2D: 3, FULLY_CONNECTED: 0 }[kind];
    if (axis === undefined) continue;
    const [input, weights, bias] = inputs.map((index) => tensorAt(graph, index));
    assert.equal(weights?.type, 'int8');
    assert.equal(weights.quantization?.scales.length, weights.shape[axis]);
    assert.equal(bias?.type, 'int64');
    assert.deepEqual(
      bias.quantization?.scales,
      weights.quantization?.scales.map((scale) => Math.fround((input?.quantization?.scales[0] ?? 0) * scale)),
    );
  }
  assert.deepEqual(tensorAt(graph, graph.outputs[0] ?? -1).quantization, {
    scales: [1 / 32768],
    zeroPoints: [0],
    axis: 0,
  });
});

for (const edges of ['int8', 'int16', 'float32'] as const)
  test(`edges: ${edges} goes in and comes out, converted in the graph where the network computes in another`, () => {
    for (const activations of ['int8', 'int16'] as const) {
      const samples = calibration().slice(0, 8);
      const { graph } = quantize(digits(), samples, { ...defaultOptions, activations, edges });
      const [input, output] = [graph.inputs[0], graph.outputs[0]].map((index) =>
        tensorAt(graph, index ?? -1),
      );
      assert.deepEqual([input?.type, output?.type], [edges, edges]);
      assert.equal(graph.operators[0]?.kind === 'QUANTIZE', activations !== edges);
    }
  });

/** Float twins of the single-operator models; those whose float network has tables of integers inside are none. */
const models = readdirSync(join(fixtures, 'ops'))
  .filter((file) => !/^(argmax|elu|exp|neg|prelu|square)\./.test(file))
  .toSorted();

const inInt8 = /^(gelu|hard_swish|l2norm|log_softmax|reduce_max|resize_bilinear)\./;
/** Of two operators, one of which has no int16 form. */
const inBoth = /^sqrt\./;

test('each operator with an int16 form brings at least 20 dB less noise than in int8; one without stays int8 behind QUANTIZE', () => {
  assert.ok(models.length > 60);
  for (const file of models) {
    const graph = fixtureModel(`ops/${file}`);
    const random = noise();
    const samples = Array.from({ length: 8 }, () => sampleOf(graph, random));
    const [narrow, raised] = (['int8', 'int16'] as const).map((activations) =>
      made(graph, samples, activations),
    );
    assert.ok(narrow !== undefined && raised !== undefined);
    const gain = exactDecibels(raised, samples) - exactDecibels(narrow, samples);
    const kinds = raised.graph.operators.map(({ kind }) => kind);
    if (inInt8.test(file)) {
      assert.equal(kinds[0], 'QUANTIZE', file);
      assert.ok(gain > -6, `${file}: ${gain} dB`);
    } else assert.ok(gain > (inBoth.test(file) ? 0 : 20), `${file}: ${gain} dB`);
  }
});

test('a network with variables keeps int8 state between int16 layers, and each layer that writes is told', () => {
  const graph = fixtureModel('recurrent/svdf_float.tflite');
  const random = noise();
  const samples = Array.from({ length: 16 }, () => sampleOf(graph, random));
  const quantized = quantize(graph, samples, wide);
  const { tensors, operators } = quantized.graph;
  const state = tensors.filter(({ initialState }) => initialState !== undefined);
  assert.ok(state.length > 0 && state.every(({ type }) => type === 'int8'));
  assert.ok(operators.some(({ outputs }) => tensorAt(quantized.graph, outputs[0] ?? 0).type === 'int16'));
  const writing = operators.filter(({ kind, outputs }) => kind !== 'QUANTIZE' && outputs.length > 0);
  assert.ok(writing.length < operators.length);
  assert.equal(layerErrors(quantized, samples).length, writing.length);
});

function made(graph: Graph, samples: readonly Sample[], activations: ActivationTypes): Quantized {
  return quantize(checkedFloat(graph), samples, { ...defaultOptions, range: 'min-max', activations });
}

/** By the exact reference. */
function exactDecibels({ graph, float }: Quantized, samples: readonly Sample[]): number {
  const network = prepareFloat(float);
  const sum = { signal: 0, noise: 0 };
  for (const sample of samples) {
    const bytes = graph.inputs.map((index, at) => {
      const { type, quantization } = tensorAt(graph, index);
      assert.ok(quantization !== null && (type === 'int8' || type === 'int16'));
      return toIntegerBytes(sample[at] ?? [], type, quantization);
    });
    const exact = network.run(sample);
    for (const [at, answer] of interpret(graph, bytes).outputs.entries()) {
      const { type, quantization } = tensorAt(graph, graph.outputs[at] ?? -1);
      const [scale = 1, zeroPoint = 0] = [quantization?.scales[0], quantization?.zeroPoints[0]];
      const integers = typedArray(type, answer) as Int8Array | Int16Array;
      addNoise(
        sum,
        exact[at] ?? [],
        Float64Array.from(integers, (value) => (value - zeroPoint) * scale),
      );
    }
  }
  return decibels(sum);
}

function sampleOf(graph: Graph, random: () => number): Sample {
  return graph.inputs.map((index) =>
    new Float32Array(elementCount(tensorAt(graph, index).shape)).map(() => 2 * random()),
  );
}

/** Values of a bell curve about zero, the same in every run. */
function noise(): () => number {
  let state = 1;
  return () => {
    let sum = 0;
    for (let term = 0; term < 4; term++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32 - 0.5;
    }
    return sum;
  };
}
