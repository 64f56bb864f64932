import { operatorsBeyondTflm } from './beyond_tflm.ts';
import { list, matrix, type OneOperator, type TensorOf } from './one_operator.ts';

/** What the converter's single-operator models do not reach: other axes, ranks, options, scales and broadcasts. */

const like = (...shape: readonly number[]): TensorOf => ({ shape });
const none = { activation: 'none' };
const unit = { scale: 1 / 128, zeroPoint: 0 };
const weights = (shape: readonly number[], scales: readonly number[]): TensorOf => ({
  shape,
  scales,
  zeroPoint: 0,
  data: Int8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => ((at * 89) % 255) - 127),
});

const moving: readonly OneOperator[] = [
  {
    name: 'transpose_5d',
    kind: 'TRANSPOSE',
    inputs: [like(2, 3, 2, 4, 5), list(3, 1, 4, 0, 2)],
    outputs: [like(4, 3, 5, 2, 2)],
  },
  {
    name: 'transpose_6d_by_tables',
    kind: 'TRANSPOSE',
    inputs: [like(2, 3, 2, 3, 2, 3), list(5, 4, 3, 2, 1, 0)],
    outputs: [like(3, 2, 3, 2, 3, 2)],
  },
  {
    name: 'transpose_of_ones',
    kind: 'TRANSPOSE',
    inputs: [like(1, 6, 1, 4), list(2, 1, 0, 3)],
    outputs: [like(1, 6, 1, 4)],
  },
  {
    name: 'slice_to_the_end',
    kind: 'SLICE',
    inputs: [like(4, 5, 6), list(1, 2, 0), list(2, -1, -1)],
    outputs: [like(2, 3, 6)],
  },
  {
    name: 'strided_slice_backward',
    kind: 'STRIDED_SLICE',
    options: { beginMask: 4, endMask: 4, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 2, offset: false },
    inputs: [like(5, 4, 7), list(-1, 2, 0), list(0, 3, 0), list(-2, 1, -3)],
    outputs: [like(2, 3)],
  },
  {
    name: 'pad_3d',
    kind: 'PAD',
    inputs: [
      like(2, 3, 5),
      matrix([
        [1, 0],
        [0, 2],
        [3, 1],
      ]),
    ],
    outputs: [like(3, 5, 9)],
  },
  {
    name: 'pad_nothing',
    kind: 'PAD',
    inputs: [
      like(2, 3),
      matrix([
        [0, 0],
        [0, 0],
      ]),
    ],
    outputs: [like(2, 3)],
  },
  {
    name: 'pad_v2',
    kind: 'PADV2',
    inputs: [
      like(4, 6),
      matrix([
        [1, 1],
        [2, 3],
      ]),
      { shape: [1], data: Int8Array.of(-77) },
    ],
    outputs: [like(6, 11)],
  },
  {
    name: 'mirror_pad_reflect_3d',
    kind: 'MIRROR_PAD',
    options: { repeatsEdge: false },
    inputs: [
      like(3, 4, 5),
      matrix([
        [2, 1],
        [3, 0],
        [4, 4],
      ]),
    ],
    outputs: [like(6, 7, 13)],
  },
  {
    name: 'mirror_pad_symmetric',
    kind: 'MIRROR_PAD',
    options: { repeatsEdge: true },
    inputs: [
      like(3, 4, 2),
      matrix([
        [3, 3],
        [1, 4],
        [0, 0],
      ]),
    ],
    outputs: [like(9, 9, 2)],
  },
  {
    name: 'split_inner',
    kind: 'SPLIT',
    inputs: [list(-1), like(2, 3, 6)],
    outputs: [like(2, 3, 2), like(2, 3, 2), like(2, 3, 2)],
  },
  { name: 'split_into_one', kind: 'SPLIT', inputs: [list(0), like(2, 3)], outputs: [like(2, 3)] },
  {
    name: 'unpack_middle',
    kind: 'UNPACK',
    options: { axis: 1 },
    inputs: [like(2, 3, 4)],
    outputs: [like(2, 4), like(2, 4), like(2, 4)],
  },
  {
    name: 'pack_last',
    kind: 'PACK',
    options: { axis: -1 },
    inputs: [like(2, 3), like(2, 3), like(2, 3)],
    outputs: [like(2, 3, 3)],
  },
  {
    name: 'concatenation_with_constant',
    kind: 'CONCATENATION',
    options: { axis: 1, ...none },
    inputs: [like(2, 3, 2), { shape: [2, 1, 2], data: Int8Array.of(-128, 1, 2, 127) }, like(2, 19, 2)],
    outputs: [like(2, 23, 2)],
  },
  {
    name: 'gather_middle',
    kind: 'GATHER',
    options: { axis: 1, batchDimensions: 0 },
    inputs: [like(2, 5, 3), list(4, 0, 0, 3)],
    outputs: [like(2, 4, 3)],
  },
  {
    name: 'gather_matrix',
    kind: 'GATHER',
    options: { axis: 0, batchDimensions: 0 },
    inputs: [
      like(7, 5),
      matrix([
        [6, 2],
        [2, 1],
      ]),
    ],
    outputs: [like(2, 2, 5)],
  },
  {
    name: 'space_to_depth_3',
    kind: 'SPACE_TO_DEPTH',
    options: { block: 3 },
    inputs: [like(2, 6, 3, 2)],
    outputs: [like(2, 2, 1, 18)],
  },
  {
    name: 'depth_to_space_2',
    kind: 'DEPTH_TO_SPACE',
    options: { block: 2 },
    inputs: [like(2, 3, 2, 8)],
    outputs: [like(2, 6, 4, 2)],
  },
  ...[
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  ].flatMap((options, at) => [
    {
      name: `nearest_${at}`,
      kind: 'RESIZE_NEAREST_NEIGHBOR',
      options,
      inputs: [like(2, 5, 4, 3), list(7, 11)],
      outputs: [like(2, 7, 11, 3)],
    },
    {
      name: `bilinear_${at}`,
      kind: 'RESIZE_BILINEAR',
      options,
      inputs: [like(2, 5, 4, 3), list(3, 11)],
      outputs: [like(2, 3, 11, 3)],
    },
  ]),
  {
    name: 'space_to_batch',
    kind: 'SPACE_TO_BATCH_ND',
    inputs: [
      like(2, 5, 7, 3),
      list(2, 3),
      matrix([
        [1, 2],
        [0, 2],
      ]),
    ],
    outputs: [like(12, 4, 3, 3)],
  },
  {
    name: 'batch_to_space',
    kind: 'BATCH_TO_SPACE_ND',
    inputs: [
      like(12, 4, 3, 3),
      list(2, 3),
      matrix([
        [1, 2],
        [0, 2],
      ]),
    ],
    outputs: [like(2, 5, 7, 3)],
  },
  {
    name: 'split_v_middle',
    kind: 'SPLIT_V',
    inputs: [like(2, 7, 3), list(1, 4, -1), list(-2)],
    outputs: [like(2, 1, 3), like(2, 4, 3), like(2, 2, 3)],
  },
  {
    name: 'reverse_apart',
    kind: 'REVERSE_V2',
    inputs: [like(3, 4, 5), list(0, 2)],
    outputs: [like(3, 4, 5)],
  },
  {
    name: 'gather_nd_rows',
    kind: 'GATHER_ND',
    inputs: [
      like(4, 3, 5),
      matrix([
        [3, 2],
        [0, 1],
        [3, 0],
      ]),
    ],
    outputs: [like(3, 5)],
  },
  {
    name: 'broadcast_to',
    kind: 'BROADCAST_TO',
    inputs: [like(4, 1), list(3, 4, 5)],
    outputs: [like(3, 4, 5)],
  },
  {
    name: 'select_whole',
    kind: 'SELECT',
    inputs: [{ shape: [3, 4], type: 'bool' }, like(3, 4), like(3, 4)],
    outputs: [like(3, 4)],
  },
  { name: 'tile_inner', kind: 'TILE', inputs: [like(4, 3), list(2, 3)], outputs: [like(8, 9)] },
  { name: 'squeeze', kind: 'SQUEEZE', inputs: [like(1, 4, 1)], outputs: [like(4)] },
  { name: 'expand_dims', kind: 'EXPAND_DIMS', inputs: [like(4), list(0)], outputs: [like(1, 4)] },
];

const reducing: readonly OneOperator[] = [
  {
    name: 'arg_min_middle',
    kind: 'ARG_MIN',
    inputs: [like(2, 5, 3), list(1)],
    outputs: [{ shape: [2, 3], type: 'int32' }],
  },
  {
    name: 'arg_max_last',
    kind: 'ARG_MAX',
    inputs: [like(3, 40), list(-1)],
    outputs: [{ shape: [3], type: 'int32' }],
  },
  {
    name: 'reduce_min_inside',
    kind: 'REDUCE_MIN',
    options: { keepDimensions: false },
    inputs: [like(2, 3, 4, 5), list(1, 2)],
    outputs: [like(2, 5)],
  },
  {
    name: 'reduce_max_all',
    kind: 'REDUCE_MAX',
    options: { keepDimensions: true },
    inputs: [like(3, 4), list(0, 1)],
    outputs: [like(1, 1)],
  },
  {
    name: 'sum_large',
    kind: 'SUM',
    options: { keepDimensions: false },
    inputs: [like(3, 50), list(1)],
    outputs: [{ shape: [3], scale: 0.4, zeroPoint: -9 }],
  },
  {
    name: 'sum_up',
    kind: 'SUM',
    options: { keepDimensions: false },
    inputs: [like(3, 4), list(0)],
    outputs: [{ shape: [4], scale: 0.01, zeroPoint: 0 }],
  },
  {
    name: 'l2_rows',
    kind: 'L2_NORMALIZATION',
    options: none,
    inputs: [like(3, 17)],
    outputs: [{ shape: [3, 17], ...unit }],
  },
  {
    name: 'l2_of_one',
    kind: 'L2_NORMALIZATION',
    options: none,
    inputs: [like(20, 1)],
    outputs: [{ shape: [20, 1], ...unit }],
  },
  ...[1 / 512, 0.07, 0.9, 4].map((scale, at) => ({
    name: `log_softmax_${at}`,
    kind: 'LOG_SOFTMAX',
    inputs: [{ shape: [4, 1 + 13 * at], scale }],
    outputs: [{ shape: [4, 1 + 13 * at], scale: 1 / 16, zeroPoint: 127 }],
  })),
];

const combining: readonly OneOperator[] = [
  ...['MUL', 'SUB', 'SQUARED_DIFFERENCE', 'PRELU', 'MAXIMUM', 'MINIMUM'].flatMap((kind) => {
    const apart = kind === 'MAXIMUM' || kind === 'MINIMUM' ? {} : { scale: 0.031, zeroPoint: -20 };
    const name = kind.toLowerCase();
    return [
      {
        name: `${name}_both_ways`,
        kind,
        options: none,
        inputs: [like(2, 1, 3, 1), { shape: [4, 1, 5], ...apart }],
        outputs: [{ shape: [2, 4, 3, 5], ...apart }],
      },
      {
        name: `${name}_constant`,
        kind,
        options: none,
        inputs: [
          like(2, 9),
          { shape: [9], ...apart, data: Int8Array.of(-128, -90, -2, 0, 3, 17, 64, 99, 127) },
        ],
        outputs: [{ shape: [2, 9], ...apart }],
      },
    ];
  }),
  {
    name: 'mul_left_shift',
    kind: 'MUL',
    options: none,
    inputs: [
      { shape: [40], scale: 2 },
      { shape: [40], scale: 1.5 },
    ],
    outputs: [like(40)],
  },
  ...[false, true].flatMap((transposeLeft) =>
    [false, true].map((transposeRight) => ({
      name: `batch_matmul_${transposeLeft ? 't' : 'n'}${transposeRight ? 't' : 'n'}`,
      kind: 'BATCH_MATMUL',
      options: { transposeLeft, transposeRight },
      inputs: [
        like(2, 1, ...(transposeLeft ? [7, 3] : [3, 7])),
        { shape: [4, ...(transposeRight ? [5, 7] : [7, 5])], scale: 0.02, zeroPoint: -11 },
      ],
      outputs: [{ shape: [2, 4, 3, 5], scale: 0.3, zeroPoint: 1 }],
    })),
  ),
  ...(['same', 'valid'] as const).map((padding) => ({
    name: `transpose_conv_${padding}`,
    kind: 'TRANSPOSE_CONV',
    options: { padding, strideWidth: 3, strideHeight: 2, activation: 'relu' },
    inputs: [
      padding === 'same' ? list(2, 7, 9, 3) : list(2, 10, 9, 3),
      weights([3, 4, 3, 5], [0.01, 0.002, 0.03]),
      like(2, 4, 3, 5),
      padding === 'same'
        ? null
        : { shape: [3], type: 'int32' as const, data: Int32Array.of(-5000, 0, 70000) },
    ],
    outputs: [{ shape: padding === 'same' ? [2, 7, 9, 3] : [2, 10, 9, 3], scale: 0.05, zeroPoint: -100 }],
  })),
];

/** Converters leave these in float32 between integers; in int8 they come from tables of 256 answers as well. */
const functions: readonly (readonly [kind: string, options: object])[] = [
  ...'CEIL ELU ERF FLOOR LOG MISH RECIPROCAL ROUND SIGN SOFTPLUS SOFTSIGN SQUARE'
    .split(' ')
    .map((kind) => [kind, {}] as const),
  ['EXPONENTIAL_UNIT', { above: 1.0507, below: 1.75809, rate: 1.2 }],
  ['THRESHOLDED_RELU', { threshold: 0.4 }],
];

const byTable: readonly OneOperator[] = [
  {
    name: 'leaky_relu_negative',
    kind: 'LEAKY_RELU',
    options: { alpha: -0.7 },
    inputs: [like(300)],
    outputs: [{ shape: [300], scale: 0.04, zeroPoint: -1 }],
  },
  {
    name: 'relu_rescaled',
    kind: 'RELU',
    inputs: [like(300)],
    outputs: [{ shape: [300], scale: 0.03, zeroPoint: -128 }],
  },
  {
    name: 'abs_rescaled',
    kind: 'ABS',
    inputs: [like(3, 100)],
    outputs: [{ shape: [300], scale: 0.07, zeroPoint: -128 }],
  },
  {
    name: 'tanh_steep',
    kind: 'TANH',
    inputs: [{ shape: [300], scale: 0.5 }],
    outputs: [{ shape: [300], ...unit }],
  },
  {
    name: 'logistic_flat',
    kind: 'LOGISTIC',
    inputs: [{ shape: [300], scale: 0.003 }],
    outputs: [{ shape: [300], scale: 1 / 256, zeroPoint: -128 }],
  },
  ...functions.map(([kind, options]) => ({
    name: `${kind.toLowerCase()}_int8`,
    kind,
    options,
    inputs: [like(300)],
    outputs: [{ shape: [300], scale: 0.05, zeroPoint: -6 }],
  })),
  {
    name: 'neg_float',
    kind: 'NEG',
    inputs: [{ shape: [3, 5], type: 'float32' }],
    outputs: [{ shape: [15], type: 'float32' }],
  },
];

/** The same moves of wider elements. */
const movingWide = (['int16', 'int32', 'float32', 'int64'] as const).flatMap((type) => {
  const of = <Given extends TensorOf | null>(tensor: Given): Given => {
    if (tensor === null || tensor.type !== undefined) return tensor;
    if (tensor.data === undefined) return { ...tensor, type };
    const data = { int16: Int16Array, int32: Int32Array, float32: Float32Array }[type as 'int16'];
    return {
      ...tensor,
      type,
      data: type === 'int64' ? BigInt64Array.of(-12345678901n) : data.from(tensor.data as Int8Array),
    };
  };
  return moving
    .filter(
      ({ kind, name }) => kind !== 'RESIZE_BILINEAR' && !(type === 'int64' && name.includes('constant')),
    )
    .map((each) => ({
      ...each,
      name: `${each.name}_${type}`,
      inputs: each.inputs.map(of),
      outputs: each.outputs.map(of),
    }));
});

export const unusualOperators: readonly OneOperator[] = [
  ...moving,
  ...movingWide,
  ...reducing,
  ...combining,
  ...byTable,
  ...operatorsBeyondTflm,
];
