import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importOnnx } from '../../src/import/onnx.ts';
import { arithmeticOf } from '../../src/operators/arithmetic.ts';
import { conv2dGeometry } from '../../src/operators/conv_2d.ts';
import { nodeOf } from '../../src/operators/operator.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { onEmulatedCore } from '../codegen/emulated_graphs.ts';
import { runTogether } from '../codegen/host_models.ts';
import { onnxModel, type SmallModel } from '../import/float_models.ts';
import { alone, score } from './score.ts';

/** A float network of convolutions in groups with a channel shuffle between them, as ShuffleNet has them, quantized by us. */

let state = 7;
/** Evenly from −1 to 1. */
function chance(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state / 2 ** 32) * 2 - 1;
}
const values = (count: number, range: number): number[] =>
  Array.from({ length: count }, () => range * chance());

const layers: readonly {
  readonly name: string;
  readonly shape: readonly [outputs: number, ...filter: number[]];
}[] = [
  { name: 'first', shape: [16, 4, 3, 3] },
  { name: 'shrink', shape: [24, 4, 1, 1] },
  { name: 'wide', shape: [24, 6, 3, 3] },
  { name: 'grow', shape: [20, 6, 3, 3] },
  { name: 'last', shape: [10, 10, 3, 3] },
];

const convolution = (name: string, from: string, group: number, kernel: number) => ({
  kind: 'Conv',
  inputs: [from, `${name}_weights`, `${name}_bias`],
  outputs: [name],
  attributes: { group, pads: new Array<number>(4).fill((kernel - 1) / 2) },
});
const rectified = (name: string) => ({ kind: 'Relu', inputs: [name], outputs: [`${name}_up`] });

const model: SmallModel = {
  input: [1, 4, 8, 7],
  constants: Object.fromEntries([
    ...layers.flatMap(({ name, shape }) => {
      const [outputs, ...filter] = shape;
      const terms = filter.reduce((product, size) => product * size, 1);
      return [
        [`${name}_weights`, { shape: [...shape], values: values(outputs * terms, 2 / Math.sqrt(terms)) }],
        [`${name}_bias`, { shape: [outputs], values: values(outputs, 0.5) }],
      ] as const;
    }),
    ['apart', { shape: [5], values: [1, 4, 6, 8, 7], integer: true }],
    ['together', { shape: [4], values: [1, 24, 8, 7], integer: true }],
  ]),
  nodes: [
    convolution('first', 'x', 1, 3),
    rectified('first'),
    convolution('shrink', 'first_up', 4, 1),
    { kind: 'Reshape', inputs: ['shrink', 'apart'], outputs: ['in_groups'] },
    {
      kind: 'Transpose',
      inputs: ['in_groups'],
      outputs: ['shuffled'],
      attributes: { perm: [0, 2, 1, 3, 4] },
    },
    { kind: 'Reshape', inputs: ['shuffled', 'together'], outputs: ['shuffle'] },
    convolution('wide', 'shuffle', 4, 3),
    rectified('wide'),
    convolution('grow', 'wide_up', 4, 3),
    rectified('grow'),
    convolution('last', 'grow_up', 2, 3),
    { kind: 'GlobalAveragePool', inputs: ['last'], outputs: ['y'] },
  ],
};

const float = importOnnx(onnxModel(model), { file: 'shuffle.onnx', name: 'shuffle' });
const pictures = Array.from({ length: 24 }, () => Float32Array.from(values(4 * 8 * 7, 1)));

const networks = (['int8', 'int16'] as const).map((activations) => {
  const quantized = quantize(float, alone(pictures.slice(0, 16)), { ...defaultOptions, activations });
  const graph = { ...optimize(quantized.graph), name: `shuffle_${activations}` };
  const samples = [
    ...[1, 2, 3].map((seed) => seededInputs(graph, seed)),
    ...cornerInputs(graph).map(({ inputs }) => inputs),
  ];
  const expected = samples.map((inputs) => Buffer.concat(interpret(graph, inputs).outputs));
  return { activations, quantized, graph, samples, expected };
});

test('all convolutions stay, four of them in groups, in the integers that were asked for', () => {
  for (const { activations, graph } of networks) {
    const nodes = graph.operators.filter(({ kind }) => kind === 'CONV_2D').map((each) => nodeOf(graph, each));
    assert.deepEqual(
      nodes.map((node) => conv2dGeometry(node as never).groups),
      [1, 4, 4, 4, 2],
    );
    assert.ok(nodes.every((node) => arithmeticOf(node) === (activations === 'int8' ? 'int8' : 'int16x8')));
  }
});

test('the integers stay near to float', () => {
  for (const [at, bar] of [35, 47].entries()) {
    const { activations, quantized } = networks[at] as (typeof networks)[number];
    const { decibels } = score(quantized, pictures.slice(16), []);
    assert.ok(decibels > bar, `${activations}: ${decibels} dB`);
  }
});

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4f', 'cortex-m55'])
  for (const setting of ['size', 'balanced', 'speed'] as const)
    test(`${target}, ${setting}: bit-exact and clean under sanitizers`, async () => {
      const outputs = await runTogether(networks, target, { optimize: setting });
      for (const [at, { activations, expected }] of networks.entries())
        assert.deepEqual(Buffer.from(outputs[at] ?? []), Buffer.concat(expected), activations);
    });

for (const target of ['cortex-m0plus', 'cortex-m4f'])
  for (const setting of ['size', 'balanced', 'speed'] as const)
    test(`${target}, ${setting}: bit-exact when emulated`, async (t) => {
      const run = await onEmulatedCore(t, target);
      if (run === null) return;
      for (const { graph, samples, expected } of networks)
        await t.test(graph.name, async () => {
          assert.deepEqual(await run(graph, samples, { optimize: setting }), expected);
        });
    });
