import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { onEmulatedCore } from './emulated_graphs.ts';
import { runTogether } from './host_models.ts';
import { graphOf, type OneOperator } from './one_operator.ts';
import { conv, dense, depthwise, like, stepped, type Window } from './sliding_operators.ts';

/** The Helium kernels where nothing divides: blocks of 16 inputs, four and eight channels, runs of lanes, and what is left of them. */

/** Of −128 × −128 no two fit a half-word. */
const lowest = depthwise('lowest', [1, 4, 5, 16], { filter: [3, 3] });
const allLowest = { shape: [1, 3, 3, 16], data: new Int8Array(144).fill(-128) };

const point: Window = { filter: [1, 1] };
const square: Window = { filter: [3, 3] };
const operators: readonly OneOperator[] = [
  ...[1, 7, 15, 16, 17, 31, 32, 33, 70].map((inputs) =>
    conv(`point_${inputs}`, [1, 3, 5, inputs], 1 + (inputs % 7), point),
  ),
  ...[1, 3, 5, 16, 23].map((inputs) =>
    conv(`square_${inputs}`, [1, 5, 6, inputs], 4 + (inputs % 3), square, { activation: 'relu' }),
  ),
  conv('batches', [2, 4, 3, 6], 5, { filter: [2, 3], padding: 'valid' }),
  conv('in_rows', [1, 2, 9, 20], 6, { filter: [1, 3], padding: 'valid', strides: [1, 2] }),
  conv('of_points_apart', [1, 5, 5, 19], 9, { filter: [1, 1], strides: [2, 2] }),
  conv('dilated', [1, 9, 8, 5], 7, { filter: [3, 2], dilations: [2, 3] }),
  conv('larger_than_its_input', [1, 2, 2, 3], 5, { filter: [5, 7] }),
  conv('left_shift', [1, 3, 3, 18], 6, point, { scale: 3.1 }),
  conv('some_left_shift', [1, 3, 3, 4], 11, square, { scale: 0.4, activation: 'relu' }),
  ...[1, 4, 7, 8, 9, 20, 48].map((channels) => depthwise(`${channels}`, [1, 5, 6, channels], square)),
  // Runs of lanes over several pixels: shorter than eight, of narrow pixels, where a pixel or a row is all edge.
  ...[3, 5, 9, 17].flatMap((channels) => [
    depthwise(`run_${channels}`, [1, 5, 9, channels], { filter: [3, 3], strides: [2, 1] }),
    depthwise(`run_valid_${channels}`, [1, 4, 7, channels], { filter: [2, 3], padding: 'valid' }),
    depthwise(`run_apart_${channels}`, [2, 7, 8, channels], { filter: [3, 2], dilations: [2, 3] }),
    depthwise(`run_small_${channels}`, [1, 2, 2, channels], { filter: [5, 7] }, { activation: 'relu' }),
  ]),
  depthwise('run_of_rows', [1, 1, 11, 3], { filter: [1, 2], padding: 'valid' }, { scale: 3 }),
  ...[13, 21, 39].map((channels) =>
    depthwise(`over_${channels}`, [1, 5, 6, channels], { filter: [3, 3], strides: [1, 2] }),
  ),
  depthwise('wide_pixels', [1, 4, 4, 136], square, { activation: 'relu' }),
  depthwise('wide_odd_pixels', [1, 3, 4, 133], { filter: [2, 3], padding: 'valid' }),
  depthwise('large', [1, 9, 9, 12], { filter: [7, 6], strides: [2, 3] }),
  depthwise('dilated', [1, 9, 8, 11], { filter: [3, 3], dilations: [2, 2] }),
  depthwise('batches', [2, 4, 4, 10], square),
  depthwise('left_shift', [1, 4, 4, 13], square, { scale: 3 }),
  // Pairs of outputs share an input, or all eight do; a group may have fewer than eight.
  ...[1, 3, 4, 5, 11, 16].map((channels) =>
    depthwise(`of_two_${channels}`, [1, 5, 6, channels], square, { multiplier: 2 }),
  ),
  depthwise('of_two_dilated', [2, 9, 8, 7], { filter: [3, 2], dilations: [2, 3] }, { multiplier: 2 }),
  depthwise('of_three', [1, 5, 6, 5], square, { multiplier: 3 }),
  depthwise('of_eight', [1, 6, 5, 3], { filter: [5, 4], strides: [2, 2] }, { multiplier: 8 }),
  depthwise('of_sixteen', [1, 4, 5, 2], square, { multiplier: 16, activation: 'relu' }),
  { ...lowest, inputs: lowest.inputs.map((input, at) => (at === 1 ? { ...input, ...allLowest } : input)) },
  dense(1, 5, 3, [0.02]),
  dense(3, 16, 4, [0.02]),
  dense(2, 130, 9, [0.003]),
  dense(1, 33, 6, [7.5]),
  dense(2, 40, 7, stepped(7, 0.004)),
  ...[49, 65, 66].map((outputs) => conv(`few_of_${outputs}`, [1, 3, 3, 70], outputs, point)),
  ...[5, 6, 7].map((outputs) => dense(1, 40, outputs, [0.004])),
  ...[5, 8, 13].flatMap((channels) => [
    pool(`all_${channels}`, [1, 16, 16, channels], [16, 16]),
    pool(`part_${channels}`, [2, 5, 6, channels], [3, 2]),
  ]),
  ...[1, 4, 7, 36].map((count) => ({
    name: `add_${count}`,
    kind: 'ADD',
    options: { activation: 'none' },
    inputs: [like(count), { shape: [count], scale: 0.31, zeroPoint: -20 }],
    outputs: [{ shape: [count], scale: 0.2, zeroPoint: 9 }],
  })),
  {
    name: 'add_left_shift',
    kind: 'ADD',
    options: { activation: 'relu' },
    inputs: [like(6), like(6)],
    outputs: [{ shape: [6], scale: 1e-8, zeroPoint: 0 }],
  },
];

/** With padding where the window is smaller than the image. */
function pool(
  name: string,
  shape: readonly [number, number, number, number],
  filter: readonly [number, number],
): OneOperator {
  const [batches, height, , channels] = shape;
  const [filterHeight, filterWidth] = filter;
  const isWhole = filterHeight === height;
  return {
    name: `pool_${name}`,
    kind: 'AVERAGE_POOL_2D',
    options: {
      padding: isWhole ? 'valid' : 'same',
      strideWidth: 1,
      strideHeight: 1,
      filterWidth,
      filterHeight,
      activation: 'none',
    },
    inputs: [like(...shape)],
    outputs: [isWhole ? like(batches, 1, 1, channels) : like(...shape)],
  };
}

const cases = operators.map(graphOf).map((graph) => {
  const samples = [
    ...[1, 2, 3, 4].map((seed) => seededInputs(graph, seed)),
    ...cornerInputs(graph).map(({ inputs }) => inputs),
  ];
  const expected = samples.map((inputs) => Buffer.concat(interpret(graph, inputs).outputs));
  return { graph, samples, expected };
});

test('the plain C twins of the Helium blocks are bit-exact and clean under sanitizers', async (t) => {
  const outputs = await runTogether(cases, 'cortex-m55');
  for (const [position, { graph, expected }] of cases.entries())
    await t.test(graph.name, () => {
      assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
    });
});

test('the Helium blocks are bit-exact on an emulated Cortex-M55', async (t) => {
  const run = await onEmulatedCore(t, 'cortex-m55');
  if (run === null) return;
  for (const { graph, samples, expected } of cases)
    await t.test(graph.name, async () => {
      assert.deepEqual(await run(graph, samples), expected);
    });
});
