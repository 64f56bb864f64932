import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operatorOf } from '../../src/operators/index.ts';
import { nodeOf } from '../../src/operators/operator.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { onEmulatedCore } from './emulated_graphs.ts';
import { runTogether } from './host_models.ts';
import { graphOf, type OneOperator } from './one_operator.ts';
import { conv, dense, depthwise, stepped, type Window } from './sliding_operators.ts';

/** Every variant of the kernels for the DSP extension, where nothing divides: blocks, pairs, groups, and what is left of them. */

const point: Window = { filter: [1, 1] };
const square: Window = { filter: [3, 3] };
const operators: readonly OneOperator[] = [
  ...[1, 4, 7, 16, 33].map((inputs) => conv(`point_${inputs}`, [1, 3, 5, inputs], 1 + (inputs % 7), point)),
  ...[1, 2, 3, 4, 16, 23].map((inputs) =>
    conv(`square_${inputs}`, [1, 5, 6, inputs], 4 + (inputs % 3), square, { activation: 'relu' }),
  ),
  conv('long', [1, 3, 2, 190], 3, point),
  conv('batches', [2, 4, 3, 6], 5, { filter: [2, 3], padding: 'valid' }),
  conv('square_valid', [1, 7, 6, 6], 5, { filter: [3, 3], padding: 'valid' }),
  conv('square_flat', [1, 1, 9, 8], 4, square),
  conv('square_upright', [1, 8, 1, 8], 2, square),
  conv('square_batches', [2, 5, 4, 4], 3, square),
  conv('tiles_odd', [1, 5, 6, 12], 6, square),
  conv('tiles_rectified', [1, 8, 8, 16], 4, square, { activation: 'relu' }),
  conv('tiles_32', [1, 3, 7, 32], 2, square),
  conv('tiles_44', [1, 4, 4, 44], 2, square),
  conv('tiles_valid', [1, 7, 9, 4], 8, { filter: [3, 3], padding: 'valid' }),
  conv('tiles_of_one', [1, 1, 1, 4], 2, square),
  conv('tiles_flat', [1, 1, 5, 4], 2, square),
  conv('tiles_upright', [1, 5, 1, 8], 2, square),
  conv('strided', [1, 7, 8, 5], 6, { filter: [3, 3], strides: [2, 2] }),
  conv('dilated', [1, 9, 8, 5], 7, { filter: [3, 2], dilations: [2, 3] }),
  conv('larger_than_its_input', [1, 2, 2, 3], 5, { filter: [5, 7] }),
  conv('left_shift', [1, 3, 3, 18], 6, point, { scale: 3.1 }),
  conv('to_nothing', [1, 3, 4, 5], 5, square, { scale: 1e-9 }),
  ...[1, 3, 4, 9, 20].map((channels) => depthwise(`${channels}`, [1, 5, 6, channels], square)),
  ...[1, 2, 5, 8].map((channels) =>
    depthwise(
      `of_two_${channels}`,
      [1, 5, 6, channels],
      { filter: [3, 2], strides: [2, 1] },
      { multiplier: 2 },
    ),
  ),
  depthwise('rectified', [1, 9, 4, 6], square, { activation: 'relu' }),
  depthwise('one_pixel', [1, 1, 1, 5], square),
  depthwise('valid', [1, 6, 7, 5], { filter: [3, 3], padding: 'valid' }),
  depthwise('half', [1, 9, 8, 7], { filter: [3, 3], strides: [2, 2] }),
  depthwise('half_even', [1, 8, 7, 4], { filter: [3, 3], strides: [2, 2] }, { activation: 'relu' }),
  depthwise('half_high', [1, 9, 5, 6], { filter: [3, 3], strides: [2, 1] }),
  depthwise('half_wide', [1, 5, 9, 6], { filter: [3, 3], strides: [1, 2], padding: 'valid' }),
  depthwise('third', [1, 9, 9, 5], { filter: [3, 3], strides: [3, 3] }),
  depthwise('wide_pixels', [1, 4, 5, 700], square, { activation: 'relu' }),
  depthwise('long_lines', [1, 2, 70, 4], square),
  depthwise('batches', [2, 4, 4, 10], square),
  depthwise('left_shift', [1, 4, 4, 13], square, { scale: 3 }),
  depthwise('to_nothing', [1, 4, 4, 6], square, { scale: 1e-9 }),
  dense(1, 5, 3, [0.02]),
  dense(3, 16, 4, [0.02]),
  dense(2, 130, 9, [0.003]),
  dense(1, 33, 6, [7.5]),
  dense(1, 19, 10, [1e-9]),
  dense(2, 40, 7, stepped(7, 0.004)),
];

const target = findTarget('cortex-m4f');
const settings = ['speed', 'balanced'] as const;

const cases = operators.flatMap((operator) => {
  const graph = graphOf(operator);
  const samples = [
    ...[1, 2, 3].map((seed) => seededInputs(graph, seed)),
    ...cornerInputs(graph).map(({ inputs }) => inputs),
  ];
  const expected = samples.map((inputs) => Buffer.concat(interpret(graph, inputs).outputs));
  const [first] = graph.operators;
  if (first === undefined) return [];
  const { variants } = operatorOf(first.kind);
  const node = nodeOf(graph, first);
  const names = variants?.(node, { features: target.features, optimize: 'speed' }) ?? ['only'];
  return names.map((variant, at) => ({
    graph: { ...graph, name: `${graph.name}_${variant.replaceAll('-', '_')}` },
    samples,
    expected,
    options: {
      optimize: settings[at === 0 ? 0 : 1],
      variants: new Map([[first.index, variant]]),
    },
  }));
});

test('the plain C twins of the DSP blocks are bit-exact and clean under sanitizers', async (t) => {
  const outputs = await runTogether(cases, 'cortex-m4f');
  for (const [position, { graph, expected }] of cases.entries())
    await t.test(graph.name, () => {
      assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
    });
});

test('the DSP blocks are bit-exact on an emulated Cortex-M4F', async (t) => {
  const run = await onEmulatedCore(t, 'cortex-m4f');
  if (run === null) return;
  for (const { graph, samples, expected, options } of cases)
    await t.test(graph.name, async () => {
      assert.deepEqual(await run(graph, samples, options), expected);
    });
});
