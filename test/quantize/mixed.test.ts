import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { tensorAt } from '../../src/graph/graph.ts';
import { layerErrors } from '../../src/quantize/layer_errors.ts';
import type { LossBudget } from '../../src/quantize/loss.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { alone, rows, score } from './score.ts';
import { uneven } from './uneven.ts';

/** Mixed precision on a real network, one activation of which eight bits cannot hold. */

const digits = () => fixtureModel('digits/digits_keras_float.tflite');
const hard = () => uneven(digits(), 64);
const samples = () => alone(rows(fixtures, 'digits/digits_calib_x.npy'));
const inputs = () => rows(fixtures, 'digits/digits_x.npy');
const labels = () => rows(fixtures, 'digits/digits_y.npy').map(([label = -1]) => label);

const mixed = (maxLoss?: LossBudget) =>
  ({ ...defaultOptions, activations: 'mixed', ...(maxLoss === undefined ? {} : { maxLoss }) }) as const;

const budget: LossBudget = { unit: 'decibels', value: 40 };
const quantized = quantize(hard(), samples(), mixed(budget));

test('one activation of nine in int16 brings back what int8 loses', () => {
  const int8 = score(quantize(hard(), samples()), inputs(), labels());
  assert.ok(int8.decibels < 20, `${int8.decibels} dB in int8`);
  const { wide, mixed: outcome, graph } = quantized;
  assert.equal(wide.length, 1);
  assert.equal(outcome?.activations, 9);
  assert.ok(outcome.int8 < 20 && outcome.chosen >= 40, `${outcome.int8} dB, then ${outcome.chosen}`);
  // What it is written by and who reads it: the layer whose channels are uneven.
  const [first] = wide;
  assert.equal(first?.kind, 'CONV_2D');
  assert.deepEqual(
    graph.operators.slice(0, 4).map(({ kind }) => kind),
    ['QUANTIZE', 'CONV_2D', 'DEPTHWISE_CONV_2D', 'QUANTIZE'],
  );
  assert.equal(tensorAt(graph, first.tensor).type, 'int16');
  const { accuracy, decibels } = score(quantized, inputs(), labels());
  assert.ok(accuracy >= 0.965, `${accuracy} right`);
  assert.ok(decibels > int8.decibels + 20, `${decibels} dB`);
});

test('a network that int8 keeps within the budget is the same as without mixed precision', () => {
  const plain = quantize(digits(), samples());
  const { graph, wide, mixed: outcome } = quantize(digits(), samples(), mixed());
  assert.deepEqual(wide, []);
  assert.deepEqual(outcome?.budget, { unit: 'decibels', value: 30 });
  assert.deepEqual(graph, plain.graph);
});

test('a tighter budget takes more activations, and still not all', () => {
  const counts = [50, 52].map((value) => {
    const { wide, mixed: outcome } = quantize(hard(), samples(), mixed({ unit: 'decibels', value }));
    assert.ok((outcome?.chosen ?? 0) >= value, `${outcome?.chosen} dB of ${value}`);
    return wide.length;
  });
  const [more = 0, most = 0] = counts;
  assert.ok(more > quantized.wide.length && most >= more && most < 9, counts.join(', '));
});

test('with labels the loss is accuracy: points that the float network has more', () => {
  const given = inputs().map((values, at) => ({ sample: [values], label: labels()[at] ?? -1 }));
  const made = quantize(
    uneven(digits(), 256),
    samples(),
    mixed({ unit: 'points', value: 1 }),
    undefined,
    given,
  );
  const { mixed: outcome, wide } = made;
  assert.ok(outcome?.labelled === true && outcome.samples === 200);
  assert.ok(outcome.int8 > 50 && outcome.chosen <= 1, `${outcome.int8}, then ${outcome.chosen} points`);
  assert.equal(wide.length, 1);
  assert.ok(score(made, inputs(), labels()).accuracy >= 0.96);
});

test('without labels points are answers other than those of the float network', () => {
  const { mixed: outcome } = quantize(uneven(digits(), 256), samples(), mixed({ unit: 'points', value: 0 }));
  assert.ok(outcome?.labelled === false && outcome.samples === 128);
  assert.ok(outcome.int8 > 50 && outcome.chosen === 0);
});

test('the same model, samples and budget give the same bytes', () => {
  assert.deepEqual(quantize(hard(), samples(), mixed(budget)), quantized);
});

test('layers are told with what they compute in', () => {
  const layers = layerErrors(quantized, samples());
  const { operators } = quantized.graph;
  assert.equal(layers.length, operators.filter(({ kind }) => kind !== 'QUANTIZE').length);
  assert.deepEqual(
    layers
      .filter(({ type }) => type === 'int16')
      .map(({ kind }) => kind)
      .toSorted(),
    ['CONV_2D', 'DEPTHWISE_CONV_2D'],
  );
  for (const { decibels, kind } of layers) assert.ok(decibels > 25, `${kind}: ${decibels} dB`);
});

test('a budget out of reach is refused in one sentence that says how far it got', () => {
  assert.throws(
    () => quantize(hard(), samples(), mixed({ unit: 'decibels', value: 90 })),
    (error) =>
      error instanceof DeployError &&
      /keeps \d\d\.\d dB of signal to noise at most, with all activations in int16 \(1\d\.\d dB in int8\), less than the 90\.0 dB of `max-loss`/.test(
        error.message,
      ),
  );
});

test('progress never goes back and ends at 1, with int16 too', () => {
  for (const options of [mixed(budget), { ...defaultOptions, activations: 'int16' as const }]) {
    const parts: number[] = [];
    quantize(hard(), samples().slice(0, 32), options, (part) => parts.push(part));
    assert.deepEqual(
      parts,
      parts.toSorted((a, b) => a - b),
    );
    assert.equal(parts.at(-1), 1);
  }
});
