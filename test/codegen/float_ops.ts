import type { Activation } from '../../src/operators/activation.ts';
import { list, type OneOperator, type TensorOf } from './one_operator.ts';

/** Operators in float32 and hybrid: shapes, options and activations that networks rarely have together. */

const like = (...shape: readonly number[]): TensorOf => ({ shape, type: 'float32' });
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Between −1 and 1, no two neighbours alike. */
const constant = (...shape: readonly number[]): TensorOf => ({
  shape,
  type: 'float32',
  data: Float32Array.from({ length: count(shape) }, (_, at) => (((at * 89) % 255) - 127) / 128 + at / 7e5),
});
const integers = (scales: readonly number[], axis: number, ...shape: readonly number[]): TensorOf => ({
  shape,
  scales,
  axis,
  zeroPoint: 0,
  data: Int8Array.from({ length: count(shape) }, (_, at) => ((at * 89) % 255) - 127),
});
const steps = (length: number): number[] => Array.from({ length }, (_, at) => Math.fround(0.003 * (at + 1)));

const window = { padding: 'same', strideWidth: 1, strideHeight: 1, dilationWidth: 1, dilationHeight: 1 };
const activations: readonly Activation[] = ['none', 'relu', 'relu6', 'relu_n1_to_1'];

interface Convolution {
  readonly name: string;
  readonly input: readonly number[];
  readonly filter: readonly number[];
  readonly output: readonly number[];
  readonly options?: object;
  readonly activation?: Activation;
}

const convolutions: readonly Convolution[] = [
  { name: 'same', input: [1, 7, 9, 3], filter: [8, 3, 3, 3], output: [1, 7, 9, 8] },
  { name: 'odd', input: [2, 5, 6, 5], filter: [7, 3, 2, 5], output: [2, 5, 6, 7], activation: 'relu' },
  {
    name: 'pointwise',
    input: [1, 3, 10, 6],
    filter: [13, 1, 1, 6],
    output: [1, 3, 10, 13],
    activation: 'relu6',
  },
  {
    name: 'strided',
    input: [1, 11, 13, 4],
    filter: [4, 3, 3, 4],
    output: [1, 5, 6, 4],
    options: { padding: 'valid', strideWidth: 2, strideHeight: 2 },
    activation: 'relu_n1_to_1',
  },
  {
    name: 'dilated',
    input: [1, 9, 12, 3],
    filter: [6, 3, 3, 3],
    output: [1, 9, 12, 6],
    options: { dilationWidth: 2, dilationHeight: 3 },
  },
  { name: 'grouped', input: [1, 4, 8, 6], filter: [10, 3, 3, 3], output: [1, 4, 8, 10] },
  {
    name: 'surrounded',
    input: [1, 6, 7, 2],
    filter: [5, 3, 3, 2],
    output: [1, 4, 4, 5],
    options: {
      padding: 'valid',
      strideWidth: 2,
      strideHeight: 2,
      surround: { top: 1, bottom: 2, left: 0, right: 2 },
    },
  },
  { name: 'wide', input: [1, 2, 3, 2], filter: [3, 5, 7, 2], output: [1, 2, 3, 3] },
];

function convolution({
  name,
  input,
  filter,
  output,
  options,
  activation = 'none',
}: Convolution): OneOperator[] {
  const [outputs = 1] = filter;
  const common = {
    kind: 'CONV_2D',
    options: { ...window, activation, ...options },
    outputs: [like(...output)],
  };
  const bias = constant(outputs);
  return [
    { ...common, name: `conv_${name}`, inputs: [like(...input), constant(...filter), bias] },
    {
      ...common,
      name: `conv_${name}_hybrid`,
      inputs: [like(...input), integers(steps(outputs), 0, ...filter), bias],
    },
  ];
}

const sliding: readonly OneOperator[] = [
  ...convolutions.flatMap(convolution),
  {
    name: 'conv_no_bias',
    kind: 'CONV_2D',
    options: { ...window, activation: 'none' },
    inputs: [like(1, 4, 4, 3), constant(4, 3, 3, 3), null],
    outputs: [like(1, 4, 4, 4)],
  },
  ...[
    { name: 'same', channels: 7, multiplier: 1, options: {}, output: [1, 6, 5, 7] },
    { name: 'wide', channels: 6, multiplier: 1, options: {}, width: 17, output: [1, 6, 17, 6] },
    {
      name: 'fours',
      channels: 8,
      multiplier: 1,
      options: { strideWidth: 2, strideHeight: 2 },
      output: [1, 3, 3, 8],
    },
    { name: 'multiplied', channels: 3, multiplier: 4, options: { padding: 'valid' }, output: [1, 4, 3, 12] },
    {
      name: 'dilated',
      channels: 5,
      multiplier: 1,
      options: { dilationWidth: 2, dilationHeight: 2 },
      output: [1, 6, 5, 5],
    },
  ].flatMap(({ name, channels, multiplier, options, output, width = 5 }) => {
    const filter = [1, 3, 3, channels * multiplier];
    const common = {
      kind: 'DEPTHWISE_CONV_2D',
      options: { ...window, activation: 'relu', depthMultiplier: multiplier, ...options },
      outputs: [like(...output)],
    };
    const [input, bias] = [like(1, 6, width, channels), constant(channels * multiplier)];
    return [
      { ...common, name: `depthwise_${name}`, inputs: [input, constant(...filter), bias] },
      { ...common, name: `depthwise_${name}_hybrid`, inputs: [input, integers([0.01], 0, ...filter), bias] },
    ];
  }),
  ...['same', 'valid'].map((padding) => ({
    name: `transpose_conv_${padding}`,
    kind: 'TRANSPOSE_CONV',
    options: { padding, strideWidth: 2, strideHeight: 3, activation: 'none' },
    inputs: [
      list(1, padding === 'same' ? 9 : 10, padding === 'same' ? 8 : 9, 5),
      constant(5, 4, 3, 3),
      like(1, 3, 4, 3),
      constant(5),
    ],
    outputs: [like(1, padding === 'same' ? 9 : 10, padding === 'same' ? 8 : 9, 5)],
  })),
  ...['AVERAGE_POOL_2D', 'MAX_POOL_2D'].flatMap((kind) =>
    activations.map((activation) => ({
      name: `${kind.toLowerCase()}_${activation}`,
      kind,
      options: {
        padding: 'same',
        strideWidth: 2,
        strideHeight: 1,
        filterWidth: 3,
        filterHeight: 2,
        activation,
      },
      inputs: [like(1, 5, 7, 6)],
      outputs: [like(1, 5, 4, 6)],
    })),
  ),
];

const dense: readonly OneOperator[] = [
  { name: 'one', rows: 1, depth: 17, outputs: 10 },
  { name: 'several', rows: 6, depth: 5, outputs: 9 },
].flatMap(({ name, rows, depth, outputs }) => {
  const common = {
    kind: 'FULLY_CONNECTED',
    options: { activation: 'none', weightsFormat: 0 },
    outputs: [like(rows, outputs)],
  };
  const input = like(rows, depth);
  return [
    { ...common, name: `dense_${name}`, inputs: [input, constant(outputs, depth), constant(outputs)] },
    { ...common, name: `dense_${name}_hybrid`, inputs: [input, integers([0.02], 0, outputs, depth), null] },
  ];
});

const reducing: readonly OneOperator[] = ['MEAN', 'SUM', 'REDUCE_MAX', 'REDUCE_MIN'].flatMap((kind) => [
  {
    name: `${kind.toLowerCase()}_middle`,
    kind,
    options: { keepDimensions: false },
    inputs: [like(2, 3, 5, 7), list(1, 2)],
    outputs: [like(2, 7)],
  },
  {
    name: `${kind.toLowerCase()}_last`,
    kind,
    options: { keepDimensions: true },
    inputs: [like(4, 40), list(-1)],
    outputs: [like(4, 1)],
  },
]);

const pairs = ['ADD', 'SUB', 'MUL', 'DIV', 'MAXIMUM', 'MINIMUM', 'SQUARED_DIFFERENCE', 'PRELU'];
const clamping = new Set(['ADD', 'SUB', 'MUL', 'DIV']);
const combining: readonly OneOperator[] = pairs.flatMap((kind, at) => {
  const options = clamping.has(kind) ? { activation: activations[at] ?? 'none' } : {};
  return [
    {
      name: `${kind.toLowerCase()}_alike`,
      kind,
      options,
      inputs: [like(3, 50), like(3, 50)],
      outputs: [like(3, 50)],
    },
    {
      name: `${kind.toLowerCase()}_both_ways`,
      kind,
      options,
      inputs: [like(2, 1, 4, 3), like(5, 1, 3)],
      outputs: [like(2, 5, 4, 3)],
    },
    {
      name: `${kind.toLowerCase()}_constant`,
      kind,
      options,
      inputs: [like(6, 7), constant(7)],
      outputs: [like(6, 7)],
    },
  ];
});

const single: readonly OneOperator[] = [
  ...[
    ...'RELU RELU6 ABS HARD_SWISH LOGISTIC TANH RSQRT SQRT SQUARE EXP LOG ELU FLOOR CEIL ROUND'.split(' '),
    ...'ERF SOFTPLUS SOFTSIGN MISH SIGN RECIPROCAL'.split(' '),
  ].map((kind) => ({
    name: kind.toLowerCase(),
    kind,
    inputs: [like(4, 25)],
    outputs: [like(4, 25)],
  })),
  ...[false, true].map((approximate) => ({
    name: `gelu_${approximate ? 'approximate' : 'exact'}`,
    kind: 'GELU',
    options: { approximate },
    inputs: [like(4, 25)],
    outputs: [like(4, 25)],
  })),
  {
    name: 'thresholded_relu',
    kind: 'THRESHOLDED_RELU',
    options: { threshold: 0.4 },
    inputs: [like(100)],
    outputs: [like(100)],
  },
  {
    name: 'exponential_unit',
    kind: 'EXPONENTIAL_UNIT',
    options: { above: 1.0507, below: 1.75809, rate: 1.2 },
    inputs: [like(100)],
    outputs: [like(100)],
  },
  {
    name: 'leaky_relu',
    kind: 'LEAKY_RELU',
    options: { alpha: Math.fround(0.3) },
    inputs: [like(100)],
    outputs: [like(100)],
  },
  {
    name: 'softmax',
    kind: 'SOFTMAX',
    options: { beta: 1.5 },
    inputs: [like(5, 12)],
    outputs: [like(5, 12)],
  },
  { name: 'log_softmax', kind: 'LOG_SOFTMAX', inputs: [like(5, 12)], outputs: [like(5, 12)] },
  {
    name: 'l2_normalization',
    kind: 'L2_NORMALIZATION',
    options: { activation: 'none' },
    inputs: [like(5, 12)],
    outputs: [like(5, 12)],
  },
];

const others: readonly OneOperator[] = [
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([transposeLeft = false, transposeRight = false], at) => ({
    name: `batch_matmul_${at}`,
    kind: 'BATCH_MATMUL',
    options: { transposeLeft, transposeRight },
    inputs: [
      transposeLeft ? like(2, 1, 7, 3) : like(2, 1, 3, 7),
      transposeRight ? constant(4, 5, 7) : like(4, 7, 5),
    ],
    outputs: [like(2, 4, 3, 5)],
  })),
  ...[
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  ].flatMap((options, at) => [
    {
      name: `resize_bilinear_up_${at}`,
      kind: 'RESIZE_BILINEAR',
      options,
      inputs: [like(2, 3, 4, 5), list(7, 9)],
      outputs: [like(2, 7, 9, 5)],
    },
    {
      name: `resize_bilinear_down_${at}`,
      kind: 'RESIZE_BILINEAR',
      options,
      inputs: [like(1, 8, 9, 3), list(3, 5)],
      outputs: [like(1, 3, 5, 3)],
    },
  ]),
  {
    name: 'minimum_of_infinities',
    kind: 'MINIMUM',
    inputs: [
      like(4),
      { shape: [4], type: 'float32', data: Float32Array.of(Infinity, -Infinity, 1e-45, Number.NaN) },
    ],
    outputs: [like(4)],
  },
  ...['ARG_MAX', 'ARG_MIN'].map((kind) => ({
    name: `${kind.toLowerCase()}_middle`,
    kind,
    inputs: [like(3, 8, 4), list(1)],
    outputs: [{ shape: [3, 4], type: 'int32' as const }],
  })),
];

export const floatOperatorsAlone: readonly OneOperator[] = [
  ...others,
  ...sliding,
  ...dense,
  ...reducing,
  ...combining,
  ...single,
];
