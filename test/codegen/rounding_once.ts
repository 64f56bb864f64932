import type { OneOperator, TensorOf } from './one_operator.ts';

/** Operators of graphs that round once. */

const none = { activation: 'none' };
const relu6 = { activation: 'relu6' };
const weights = (shape: readonly number[], scales: readonly number[]): TensorOf => ({
  shape,
  scales,
  zeroPoint: 0,
  data: Int8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => ((at * 89) % 255) - 127),
});
const bias = (count: number): TensorOf => ({
  shape: [count],
  type: 'int32',
  data: Int32Array.from({ length: count }, (_, at) => 37 * at - 150),
});
const window = { strideWidth: 1, strideHeight: 1, dilationWidth: 1, dilationHeight: 1 };
const scaled = (shape: readonly number[], scale: number, zeroPoint = -7): TensorOf => ({
  shape,
  scale: Math.fround(scale),
  zeroPoint,
});

/** `ties`: all scales are powers of two, so that results lie halfway between integers as often as can be. */
const cases: readonly OneOperator[] = [
  {
    name: 'conv',
    kind: 'CONV_2D',
    options: { ...window, ...none, padding: 'same' },
    inputs: [
      scaled([1, 6, 5, 3], 0.02),
      weights(
        [7, 3, 3, 3],
        [1, 2, 3, 4, 5, 6, 7].map((n) => Math.fround(n * 0.003)),
      ),
      bias(7),
    ],
    outputs: [scaled([1, 6, 5, 7], 0.041, 12)],
  },
  {
    name: 'conv_ties',
    kind: 'CONV_2D',
    options: { ...window, ...relu6, padding: 'same' },
    inputs: [scaled([1, 6, 6, 4], 1 / 16), weights([8, 1, 1, 4], [1 / 64]), bias(8)],
    outputs: [scaled([1, 6, 6, 8], 1 / 16, -128)],
  },
  {
    name: 'depthwise_ties',
    kind: 'DEPTHWISE_CONV_2D',
    options: { ...window, ...none, padding: 'same' },
    inputs: [scaled([1, 7, 5, 8], 1 / 16), weights([1, 3, 3, 8], [1 / 64]), bias(8)],
    outputs: [scaled([1, 7, 5, 8], 1 / 16, 3)],
  },
  {
    name: 'depthwise',
    kind: 'DEPTHWISE_CONV_2D',
    options: { ...window, ...none, padding: 'same' },
    inputs: [scaled([1, 7, 5, 6], 0.031), weights([1, 3, 3, 6], [0.0031]), bias(6)],
    outputs: [scaled([1, 7, 5, 6], 0.017, 3)],
  },
  {
    name: 'dense',
    kind: 'FULLY_CONNECTED',
    options: { ...none, weightsFormat: 0 },
    inputs: [scaled([1, 33], 0.031), weights([10, 33], [0.0031]), bias(10)],
    outputs: [scaled([1, 10], 0.05, 3)],
  },
  {
    name: 'dense_ties',
    kind: 'FULLY_CONNECTED',
    options: { ...none, weightsFormat: 0 },
    inputs: [scaled([1, 33], 1 / 8), weights([9, 33], [1 / 16]), bias(9)],
    outputs: [scaled([1, 9], 1 / 4, 3)],
  },
  {
    name: 'dense_channels',
    kind: 'FULLY_CONNECTED',
    options: { ...none, weightsFormat: 0 },
    inputs: [scaled([2, 17], 0.031), weights([5, 17], [0.001, 0.002, 0.003, 0.004, 0.005]), bias(5)],
    outputs: [scaled([2, 5], 0.05, 3)],
  },
  {
    name: 'transposed',
    kind: 'TRANSPOSE_CONV',
    options: { strideWidth: 2, strideHeight: 2, padding: 'same', ...none },
    inputs: [
      { shape: [4], type: 'int32', data: Int32Array.of(1, 8, 6, 5) },
      weights([5, 3, 3, 4], [0.01, 0.02, 0.03, 0.04, 0.05]),
      scaled([1, 4, 3, 4], 0.04),
      bias(5),
    ],
    outputs: [scaled([1, 8, 6, 5], 0.3)],
  },
  {
    name: 'matrices',
    kind: 'BATCH_MATMUL',
    options: { transposeLeft: false, transposeRight: false },
    inputs: [scaled([2, 4, 6], 0.1), scaled([2, 6, 3], 0.2, 9)],
    outputs: [scaled([2, 4, 3], 0.7)],
  },
  ...(['ADD', 'SUB', 'MUL'] as const).flatMap((kind) => [
    {
      name: `${kind.toLowerCase()}`,
      kind,
      options: none,
      inputs: [scaled([1, 5, 13], 0.03), scaled([1, 5, 13], 0.05, 11)],
      outputs: [scaled([1, 5, 13], kind === 'MUL' ? 0.02 : 0.06)],
    },
    {
      name: `${kind.toLowerCase()}_ties`,
      kind,
      options: relu6,
      inputs: [scaled([1, 5, 13], 1 / 8), scaled([1, 5, 13], 1 / 8, 11)],
      outputs: [scaled([1, 5, 13], 1 / 4, -128)],
    },
    {
      name: `${kind.toLowerCase()}_broadcast`,
      kind,
      options: none,
      inputs: [scaled([1, 5, 3], 0.03), scaled([5, 1], 0.05, 11)],
      outputs: [scaled([1, 5, 3], 0.06)],
    },
  ]),
  ...(['ADD', 'MUL'] as const).flatMap((kind) =>
    [0.03, 1 / 8].map((scale) => ({
      name: `${kind.toLowerCase()}_qlinear_${scale === 0.03 ? 'plain' : 'ties'}`,
      kind,
      options: { ...none, addsBeforeRounding: true },
      inputs: [scaled([1, 5, 13], scale), scaled([1, 5, 13], scale, 11)],
      outputs: [scaled([1, 5, 13], 2 * scale, 5)],
    })),
  ),
  {
    name: 'mean_ties',
    kind: 'MEAN',
    options: { keepDimensions: false },
    inputs: [scaled([1, 4, 4, 6], 1 / 8), { shape: [2], type: 'int32', data: Int32Array.of(1, 2) }],
    outputs: [scaled([1, 6], 1 / 8, 5)],
  },
  {
    name: 'mean',
    kind: 'MEAN',
    options: { keepDimensions: true },
    inputs: [scaled([1, 3, 5, 6], 0.1), { shape: [2], type: 'int32', data: Int32Array.of(1, 2) }],
    outputs: [scaled([1, 1, 1, 6], 0.03, 5)],
  },
  {
    name: 'sum',
    kind: 'SUM',
    options: { keepDimensions: true },
    inputs: [scaled([1, 3, 5, 6], 0.1), { shape: [1], type: 'int32', data: Int32Array.of(3) }],
    outputs: [scaled([1, 3, 5, 1], 0.3, 5)],
  },
  {
    name: 'average',
    kind: 'AVERAGE_POOL_2D',
    options: { padding: 'same', strideWidth: 2, strideHeight: 2, filterWidth: 3, filterHeight: 3, ...none },
    inputs: [scaled([1, 7, 6, 5], 0.1)],
    outputs: [scaled([1, 4, 3, 5], 0.04, 1)],
  },
  {
    name: 'average_ties',
    kind: 'AVERAGE_POOL_2D',
    options: { padding: 'valid', strideWidth: 2, strideHeight: 2, filterWidth: 2, filterHeight: 2, ...none },
    inputs: [scaled([1, 8, 6, 5], 1 / 8)],
    outputs: [scaled([1, 4, 3, 5], 1 / 8, 1)],
  },
  {
    name: 'softmax',
    kind: 'SOFTMAX',
    options: { beta: 1 },
    inputs: [scaled([3, 12], 0.11)],
    outputs: [scaled([3, 12], 1 / 256, -128)],
  },
  ...['ARG_MAX', 'ARG_MIN'].map((kind) => ({
    name: kind.toLowerCase(),
    kind,
    inputs: [scaled([3, 12, 2], 0.11), { shape: [1], type: 'int32' as const, data: Int32Array.of(1) }],
    outputs: [{ shape: [3, 2], type: 'int32' as const }],
  })),
  ...['REDUCE_MAX', 'REDUCE_MIN'].map((kind) => ({
    name: kind.toLowerCase(),
    kind,
    options: { keepDimensions: false },
    inputs: [scaled([3, 12, 2], 0.11), { shape: [1], type: 'int32' as const, data: Int32Array.of(1) }],
    outputs: [scaled([3, 2], 0.11)],
  })),
  {
    name: 'from_float',
    kind: 'QUANTIZE',
    inputs: [{ shape: [40], type: 'float32' }],
    outputs: [scaled([40], 1 / 32)],
  },
  {
    name: 'table',
    kind: 'TABLE',
    inputs: [
      scaled([3, 7], 0.1),
      { shape: [256], data: Int8Array.from({ length: 256 }, (_, at) => (at * 7 + 3) & 0xff) },
    ],
    outputs: [scaled([3, 7], 0.2)],
  },
];

export const roundingOnce: readonly OneOperator[] = cases.map((each) => ({
  ...each,
  name: `once_${each.name}`,
  rounding: 'single',
}));
