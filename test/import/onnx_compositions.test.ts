import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tensorAt } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { tapsOf, wholePositions } from '../../src/import/resized_axis.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { kinds, onnxModel, runFloat, type SmallModel } from './float_models.ts';

function run(model: SmallModel, x: readonly number[]): number[] {
  return [...runFloat(importOnnx(onnxModel(model), { file: 'm.onnx', name: 'm' }), Float32Array.from(x))];
}

function near(values: readonly number[], expected: readonly number[], slack = 1e-5): void {
  assert.equal(values.length, expected.length);
  for (const [at, value] of values.entries())
    assert.ok(Math.abs(value - (expected[at] as number)) <= slack, `${at}: ${value} for ${expected[at]}`);
}

const one = (
  kind: string,
  input: readonly number[],
  attributes: NonNullable<SmallModel['nodes'][number]['attributes']> = {},
): SmallModel => ({ input, nodes: [{ kind, inputs: ['x'], outputs: ['y'], attributes }] });

test('functions of one number that TFLite does not have', () => {
  const x = [-3, -0.5, 0, 0.5, 3];
  const cases: readonly (readonly [string, (x: number) => number])[] = [
    ['Softplus', (v) => Math.log(1 + Math.exp(v))],
    ['Softsign', (v) => v / (1 + Math.abs(v))],
    ['Mish', (v) => v * Math.tanh(Math.log(1 + Math.exp(v)))],
    ['Sign', Math.sign],
    ['Swish', (v) => v / (1 + Math.exp(-v))],
    ['ThresholdedRelu', (v) => (v > 1 ? v : 0)],
    ['Selu', (v) => 1.050701 * (v > 0 ? v : 1.6732632 * (Math.exp(v) - 1))],
  ];
  for (const [kind, expected] of cases) near(run(one(kind, [5]), x), x.map(expected));
});

test('a product is computed by halves, whatever the number of factors', () => {
  for (const count of [1, 2, 3, 5, 6, 7]) {
    const x = Array.from({ length: count }, (_, at) => at + 1);
    near(run(one('ReduceProd', [count], { keepdims: 0 }), x), [x.reduce((a, b) => a * b)]);
  }
});

test('sums of separate dimensions are taken one after the other: kernels reduce neighbours', () => {
  const x = Array.from({ length: 24 }, (_, at) => at);
  const model = {
    ...one('ReduceSum', [2, 3, 4], { keepdims: 0 }),
    constants: { axes: { shape: [2], values: [0, 2], integer: true } },
    nodes: [{ kind: 'ReduceSum', inputs: ['x', 'axes'], outputs: ['y'], attributes: { keepdims: 0 } }],
  };
  near(run(model, x), [60, 92, 124]);
  const graph = importOnnx(onnxModel(model), { file: 'm.onnx', name: 'm' });
  assert.deepEqual(kinds(graph).slice(0, 2), ['SUM', 'SUM']);
  assert.doesNotThrow(() => makePlan(graph, findTarget('cortex-m4f')));
});

test('a transposed convolution with groups and dilation is the sum over what each input element spreads', () => {
  const weights = { shape: [2, 1, 2, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] };
  const x = [1, 2, 3, 4, -1, 0.5, 2, -3];
  const expected = new Array<number>(2 * 5 * 5).fill(0);
  for (let channel = 0; channel < 2; channel++)
    for (let at = 0; at < 4; at++)
      for (let tap = 0; tap < 4; tap++) {
        const row = Math.floor(at / 2) * 2 + Math.floor(tap / 2) * 2;
        const column = (at % 2) * 2 + (tap % 2) * 2;
        const to = channel * 25 + row * 5 + column;
        expected[to] =
          (expected[to] as number) +
          (x[channel * 4 + at] as number) * (weights.values[channel * 4 + tap] as number);
      }
  const graph = importOnnx(
    onnxModel({
      input: [1, 2, 2, 2],
      constants: { weights },
      nodes: [
        {
          kind: 'ConvTranspose',
          inputs: ['x', 'weights'],
          outputs: ['y'],
          attributes: { group: 2, dilations: [2, 2], strides: [2, 2] },
        },
      ],
    }),
    { file: 'm.onnx', name: 'm' },
  );
  // Both tensors have channels last.
  const turned = Float32Array.from({ length: 8 }, (_, at) => x[(at % 2) * 4 + Math.floor(at / 2)] as number);
  const output = runFloat(graph, turned);
  near(
    expected.map((_, at) => output[(at % 25) * 2 + Math.floor(at / 25)] as number),
    expected,
  );
});

test('a window that is dilated or reaches far into the padding still finds the maximum inside', () => {
  const x = [-5, -4, -9, -7, -1, -8];
  const pool = (attributes: NonNullable<SmallModel['nodes'][number]['attributes']>) =>
    run(one('MaxPool', [1, 1, 6], attributes), x);
  near(pool({ kernel_shape: [3], dilations: [2] }), [-1, -4]);
  near(pool({ kernel_shape: [3], pads: [2, 2] }), [-5, -4, -4, -4, -1, -1, -1, -8]);
});

describe('resizing along one dimension', () => {
  const given = {
    mode: 'linear',
    coordinates: 'half_pixel',
    nearest: 'round_prefer_floor',
    input: 4,
    output: 2,
    scale: 0.5,
    region: [0, 1],
    cubic: -0.75,
    antialias: false,
    excludesOutside: false,
  } as const;
  const weights = (taps: ReadonlyMap<number, number> | null) =>
    taps === null ? null : Object.fromEntries([...taps].filter(([, weight]) => weight !== 0));

  test('linear takes the two neighbours, with antialiasing all that the element stands for', () => {
    assert.deepEqual(tapsOf(given).map(weights), [
      { 0: 0.5, 1: 0.5 },
      { 2: 0.5, 3: 0.5 },
    ]);
    const wide = tapsOf({ ...given, antialias: true }).map(weights);
    assert.deepEqual(wide[0], { 0: 0.5, 1: 0.375, 2: 0.125 });
  });

  test('scales that only round to the size say where elements lie', () => {
    const scale = 0.6;
    const [first] = tapsOf({ ...given, scale }).map(weights);
    assert.ok(Math.abs((first?.[1] ?? 0) - (0.5 / scale - 0.5)) < 1e-12);
  });

  test('nearest takes whole positions', () => {
    const nearest = { ...given, mode: 'nearest', input: 2, output: 4, scale: 2 } as const;
    assert.deepEqual(wholePositions(tapsOf(nearest)), [0, 0, 1, 1]);
    assert.deepEqual(
      wholePositions(tapsOf({ ...nearest, coordinates: 'align_corners', nearest: 'ceil' })),
      [0, 1, 1, 1],
    );
    assert.equal(wholePositions(tapsOf(given)), null);
  });

  test('outside of the region nothing is taken', () => {
    const cropped = tapsOf({ ...given, coordinates: 'tf_crop_and_resize', region: [0.5, 1.5] });
    assert.deepEqual(cropped.map(weights), [{ 1: 0.5, 2: 0.5 }, null]);
  });
});

test('outputs that are an input again, or a constant, have memory of their own', () => {
  const view = importOnnx(onnxModel(one('Identity', [2, 3])), { file: 'm.onnx', name: 'm' });
  assert.notEqual(view.outputs[0], view.inputs[0]);
  const turned = importOnnx(onnxModel(one('Transpose', [2, 3])), { file: 'm.onnx', name: 'm' });
  assert.deepEqual(kinds(turned), ['TRANSPOSE']);
  const constant = importOnnx(onnxModel(one('Shape', [2, 3])), { file: 'm.onnx', name: 'm' });
  assert.equal(tensorAt(constant, constant.outputs[0] ?? -1).data, null);
  const { layers, offsets } = makePlan(optimize(constant), findTarget('cortex-m4f'));
  assert.equal(layers.length, 1, 'it is copied');
  assert.ok(offsets.has(constant.outputs[0] ?? -1));
});

test('the last of equal maxima is the first one from behind', () => {
  const graph = importOnnx(onnxModel(one('ArgMax', [2, 4], { axis: 1, select_last_index: 1, keepdims: 0 })), {
    file: 'm.onnx',
    name: 'm',
  });
  const x = Float32Array.of(1, 3, 3, 2, 5, 5, 5, 5);
  const [positions] = interpret(graph, [new Uint8Array(x.buffer)]).outputs;
  assert.deepEqual([...new Int32Array((positions as Uint8Array).slice().buffer)], [2, 3]);
});

test('what trains is refused', () => {
  const attempt = (model: SmallModel) => () => importOnnx(onnxModel(model), { file: 'm.onnx', name: 'm' });
  const constants = {
    ratio: { shape: [1], values: [0.5] },
    trains: { shape: [1], values: [1], integer: true },
  };
  const dropout = { kind: 'Dropout', inputs: ['x', 'ratio', 'trains'], outputs: ['y'] };
  assert.throws(attempt({ input: [4], constants, nodes: [dropout] }), /the dropout is still training/);
});
