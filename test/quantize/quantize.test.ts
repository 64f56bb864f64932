import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { type Graph, tensorAt } from '../../src/graph/graph.ts';
import { layerErrors } from '../../src/quantize/layer_errors.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import type { Sample } from '../../src/quantize/samples.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { alone, rows, score, topOf } from './score.ts';

/** A real network, real data. */

function digits(): { graph: Graph; samples: Sample[] } {
  return {
    graph: fixtureModel('digits/digits_keras_float.tflite'),
    samples: alone(rows(fixtures, 'digits/digits_calib_x.npy')),
  };
}

/** Samples that neither trained nor calibrated this network, and their classes. */
function heldOut(): [Float32Array[], number[]] {
  const labels = rows(fixtures, 'digits/digits_y.npy').map(([label = -1]) => label);
  return [rows(fixtures, 'digits/digits_x.npy'), labels];
}

test('digits: at least 0.965 right and 39.5 dB, as TensorFlow’s converter (39.3) and onnxruntime (39.0) do not reach', () => {
  const { graph, samples } = digits();
  const { accuracy, decibels } = score(quantize(graph, samples), ...heldOut());
  assert.ok(accuracy >= 0.965, `${accuracy} right`);
  assert.ok(decibels >= 39.5, `${decibels} dB`);
});

test('the same model and samples give the same bytes', () => {
  const { graph, samples } = digits();
  assert.deepEqual(quantize(graph, samples).graph, quantize(graph, samples).graph);
});

test('weights are symmetric with one scale per channel, one per tensor in dense layers; biases have input × weight scale', () => {
  const { graph, samples } = digits();
  const { graph: made } = quantize(graph, samples.slice(0, 8));
  for (const { kind, inputs } of made.operators) {
    const axis = { CONV_2D: 0, DEPTHWISE_CONV_2D: 3, FULLY_CONNECTED: null }[kind];
    if (axis === undefined) continue;
    const [input, weights, bias] = inputs.map((index) => tensorAt(made, index));
    assert.equal(weights?.type, 'int8');
    assert.equal(weights.quantization?.scales.length, axis === null ? 1 : weights.shape[axis]);
    assert.ok(weights.quantization?.zeroPoints.every((zeroPoint) => zeroPoint === 0));
    assert.ok(!new Int8Array(weights.data ?? []).includes(-128));
    assert.equal(bias?.type, 'int32');
    const inputScale = input?.quantization?.scales[0] ?? 0;
    assert.deepEqual(
      bias.quantization?.scales,
      weights.quantization?.scales.map((scale) => Math.fround(inputScale * scale)),
    );
  }
  const last = tensorAt(made, made.outputs[0] ?? -1);
  assert.deepEqual(last.quantization, { scales: [1 / 256], zeroPoints: [-128], axis: 0 });
});

test('float edges: float32 goes in and comes out, converted in the graph', () => {
  const { graph, samples } = digits();
  const made = quantize(graph, samples.slice(0, 8), { ...defaultOptions, edges: 'float32' }).graph;
  assert.equal(tensorAt(made, made.inputs[0] ?? -1).type, 'float32');
  assert.equal(tensorAt(made, made.outputs[0] ?? -1).type, 'float32');
  assert.equal(made.operators[0]?.kind, 'QUANTIZE');
  assert.equal(made.operators.at(-1)?.kind, 'DEQUANTIZE');
  const [sample = []] = samples;
  const bytes = sample.map((values) => new Uint8Array(values.slice().buffer));
  const [answer = new Uint8Array()] = interpret(made, bytes).outputs;
  const [exact = new Float32Array()] = prepareFloat(graph).run(sample);
  assert.equal(topOf(new Float32Array(answer.slice().buffer)), topOf(exact));
});

test('each range method by itself, with and without bias correction, stays within 10 dB of the best', () => {
  const { graph, samples } = digits();
  const best = quantize(graph, samples).decibels;
  for (const range of ['min-max', 'percentile', 'mse'] as const)
    for (const biasCorrection of [false, true]) {
      const made = quantize(graph, samples, { range, biasCorrection, edges: 'int8' });
      assert.equal(made.range, range);
      assert.equal(made.biasCorrection, biasCorrection);
      assert.ok(made.decibels > best - 10, `${range}: ${made.decibels} dB where ${best} can be had`);
    }
});

test('layers are ranked by the noise that each alone brings, the worst first', () => {
  const { graph, samples } = digits();
  const quantized = quantize(graph, samples);
  const layers = layerErrors(quantized, samples);
  assert.equal(layers.length, quantized.graph.operators.length);
  assert.deepEqual(
    layers.map(({ decibels }) => decibels),
    layers.map(({ decibels }) => decibels).toSorted((a, b) => a - b),
  );
  for (const { decibels, kind } of layers)
    assert.ok(decibels > 25 && decibels < 80, `${kind}: ${decibels} dB`);
});

test('progress never goes back and ends at 1', () => {
  const { graph, samples } = digits();
  const parts: number[] = [];
  quantize(graph, samples, defaultOptions, (part) => parts.push(part));
  assert.deepEqual(
    parts,
    parts.toSorted((a, b) => a - b),
  );
  assert.equal(parts.at(-1), 1);
  assert.ok(parts.length > 50);
});
