import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { onEmulatedCore } from './emulated_graphs.ts';
import { runTogether } from './host_models.ts';
import { graphOf, type OneOperator } from './one_operator.ts';
import { conv, type Window } from './sliding_operators.ts';

/** CONV_2D in groups, in int8 with both roundings and in int16 with each of its ways to requantize. */

const square: Window = { filter: [3, 3] };

/** `filterChannels` of the input's channels to a filter. */
function grouped(
  name: string,
  picture: readonly [number, number, number, number],
  filterChannels: number,
  outputs: number,
  window: Window,
  settings: Parameters<typeof conv>[4] = {},
): OneOperator {
  const [batches, height, width, channels] = picture;
  const ofGroup = conv(name, [batches, height, width, filterChannels], outputs, window, settings);
  const [input, ...constants] = ofGroup.inputs;
  return { ...ofGroup, inputs: [{ ...input, shape: [batches, height, width, channels] }, ...constants] };
}

/** Channels of a group that are a multiple of four and that are not, tiles of outputs and what is left over, edges and none. */
const int8: readonly OneOperator[] = [
  grouped('point', [1, 3, 5, 12], 4, 15, { filter: [1, 1] }),
  grouped('point_strided', [1, 5, 6, 6], 2, 6, { filter: [1, 1], strides: [2, 2] }),
  grouped('odd', [1, 4, 5, 15], 5, 15, { filter: [2, 1] }),
  grouped('square', [1, 5, 7, 6], 3, 10, square, { activation: 'relu' }),
  grouped('of_eight', [1, 4, 4, 32], 8, 16, square),
  grouped('depthwise', [1, 5, 4, 5], 1, 10, square),
  grouped('strided', [1, 7, 8, 6], 2, 12, { filter: [3, 2], strides: [2, 3] }),
  grouped('dilated', [1, 9, 8, 8], 4, 6, { filter: [3, 2], dilations: [2, 3] }),
  grouped('dilated_valid', [1, 9, 8, 10], 5, 14, { filter: [3, 3], dilations: [2, 2], padding: 'valid' }),
  grouped('batches', [2, 4, 3, 6], 3, 8, { filter: [2, 3], padding: 'valid' }),
  grouped('batches_padded', [2, 3, 3, 4], 2, 6, square),
  grouped('one_pixel', [1, 3, 3, 8], 4, 12, { filter: [3, 3], padding: 'valid' }),
  grouped('larger_than_its_input', [1, 2, 2, 6], 3, 4, { filter: [5, 7] }),
  grouped('left_shift', [1, 3, 3, 36], 18, 6, { filter: [1, 1] }, { scale: 3.1 }),
  grouped('many', [1, 3, 3, 144], 2, 144, square),
];

const once = int8.map(
  (operator): OneOperator => ({
    ...operator,
    name: `${operator.name}_once`,
    rounding: 'single',
  }),
);

/** The same with int16 activations: `scale` of the input decides whether sums fit into 32 bits. */
function inInt16(operator: OneOperator, bias: 'int64' | 'int32', first = 0): OneOperator {
  const [input, weights] = operator.inputs;
  const [output] = operator.outputs;
  const channels = output?.shape.at(-1) ?? 0;
  const biases = Array.from({ length: channels }, (_, at) => first + (at - 3) * 4001);
  return {
    ...operator,
    name: `${operator.name}_${bias}_${first === 0 ? 'near' : 'far'}`,
    inputs: [
      { shape: input?.shape ?? [], type: 'int16', scale: 0.0004, zeroPoint: 0 },
      weights ?? null,
      {
        shape: [channels],
        type: bias,
        data: bias === 'int64' ? BigInt64Array.from(biases, BigInt) : Int32Array.from(biases),
      },
    ],
    outputs: [{ shape: output?.shape ?? [], type: 'int16', scale: 0.0005, zeroPoint: 0 }],
  };
}

const int16 = int8.flatMap((operator) => [
  inInt16(operator, 'int64'),
  inInt16(operator, 'int64', 2 ** 33),
  inInt16(operator, 'int32'),
]);

const cases = [...int8, ...once, ...int16].map((operator) => {
  const graph = graphOf(operator);
  const samples = [
    ...[1, 2].map((seed) => seededInputs(graph, seed)),
    ...cornerInputs(graph).map(({ inputs }) => inputs),
  ];
  return {
    graph,
    samples,
    expected: samples.map((inputs) => Buffer.concat(interpret(graph, inputs).outputs)),
  };
});

/** One core for each layout of the kernels, and each setting once. */
for (const [target, optimize] of [
  ['cortex-m0plus', 'balanced'],
  ['cortex-m3', 'size'],
  ['cortex-m4f', 'speed'],
  ['cortex-m55', 'balanced'],
] as const)
  test(`grouped convolutions in one program for ${target} are bit-exact and clean under sanitizers`, async (t) => {
    const outputs = await runTogether(
      cases.map((each) => ({ ...each, options: { optimize } })),
      target,
    );
    for (const [position, { graph, expected }] of cases.entries())
      await t.test(graph.name, () => {
        assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
      });
  });

/** What only the assembly of a core computes: one case for each kernel and remainder. `odd` leaves weights at any address. */
const emulated = cases.filter(({ graph }) =>
  /_(point|odd|square|of_eight|dilated)(_once|_int.*)?$/.test(graph.name),
);

for (const [target, optimize] of [
  ['cortex-m0plus', 'size'],
  ['cortex-m0plus', 'speed'],
  ['cortex-m4f', 'balanced'],
  ['cortex-m55', 'speed'],
] as const)
  test(`grouped convolutions are bit-exact on an emulated ${target}, ${optimize}`, async (t) => {
    const run = await onEmulatedCore(t, target);
    if (run === null) return;
    assert.equal(emulated.length, 5 * 5);
    for (const { graph, samples, expected } of emulated)
      await t.test(graph.name, async () => {
        assert.deepEqual(await run(graph, samples, { optimize }), expected);
      });
  });
