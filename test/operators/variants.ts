import {
  type BuiltModel,
  type BuiltOption,
  type BuiltTensor,
  int8Bytes,
  int32Bytes,
  someInt8,
} from '../import/build_model.ts';

/**
 * Models of one operator each for what the converted ones leave out: options, ranks, broadcasting, scales at the
 * edges, and operators that converters rarely write. `write_variants.ts` puts them into test/fixtures/variants.
 */

const quantized = (shape: readonly number[], scale: number, zeroPoint = 0): BuiltTensor => ({
  shape,
  scales: [Math.fround(scale)],
  zeroPoints: [zeroPoint],
});
const constant = (shape: readonly number[], scale: number, zeroPoint = 0, seed = 1): BuiltTensor => ({
  ...quantized(shape, scale, zeroPoint),
  data: someInt8(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});
const integers = (values: readonly number[], shape: readonly number[] = [values.length]): BuiltTensor => ({
  shape,
  type: 2,
  data: int32Bytes(values),
});
const typeNumbers = { float32: 0, int32: 2, bool: 6, int16: 7, int8: 9 } as const;
const int32 = (shape: readonly number[]): BuiltTensor => ({ shape, type: 2 });
const truths = (shape: readonly number[]): BuiltTensor => ({ shape, type: 6 });
const bias = (channels: number): BuiltTensor => ({
  shape: [channels],
  type: 2,
  data: int32Bytes(Array.from({ length: channels }, (_, index) => (index - 2) * 117)),
});
const perChannel = (shape: readonly number[], axis: number): BuiltTensor => {
  const channels = shape[axis] as number;
  return {
    ...constant(shape, 1),
    scales: Array.from({ length: channels }, (_, index) => Math.fround(0.004 * (index + 1))),
    zeroPoints: Array.from({ length: channels }, () => 0),
    axis,
  };
};

/** The first `inputs` tensors without data are the model's inputs, the last `outputs` its outputs. */
function single(
  code: number,
  optionsType: number,
  fields: readonly BuiltOption[],
  operands: readonly BuiltTensor[],
  ...results: readonly BuiltTensor[]
): BuiltModel {
  const tensors = [...operands, ...results].map((tensor, index) => ({ name: `t${index}`, ...tensor }));
  const indices = tensors.map((_, index) => index);
  const outputs = indices.slice(operands.length);
  return {
    tensors,
    operators: [
      { code, inputs: indices.slice(0, operands.length), outputs, options: { type: optionsType, fields } },
    ],
    inputs: indices.slice(0, operands.length).filter((index) => tensors[index]?.data === undefined),
    outputs,
  };
}

const image = [1, 5, 7, 6] as const;
const same = { field: 0, int8: 0 };
const valid = { field: 0, int8: 1 };
const strides = (width: number, height: number): BuiltOption[] => [
  { field: 1, int32: width },
  { field: 2, int32: height },
];

/** Input scales from very fine to very coarse, for the table-like activations. */
const scales = { fine: 0.0007, usual: 0.05, coarse: 0.9 };

export const variants: Readonly<Record<string, BuiltModel>> = {
  prelu: single(
    54,
    0,
    [],
    [quantized(image, 0.05, 3), constant([1, 1, 6], 0.01, 5)],
    quantized(image, 0.04, -20),
  ),
  pad_v2: single(
    60,
    43,
    [],
    [
      quantized(image, 0.1, 4),
      integers([0, 0, 1, 2, 3, 0, 0, 0], [4, 2]),
      { ...quantized([], 0.1, 4), data: int8Bytes([-77]) },
    ],
    quantized([1, 8, 10, 6], 0.1, 4),
  ),
  pad_rank3: single(
    34,
    22,
    [],
    [quantized([2, 3, 4], 0.1, 9), integers([1, 0, 0, 2, 1, 1], [3, 2])],
    quantized([3, 5, 6], 0.1, 9),
  ),
  unpack: single(
    88,
    64,
    [
      { field: 0, int32: 3 },
      { field: 1, int32: 1 },
    ],
    [quantized([2, 3, 5], 0.1)],
    quantized([2, 5], 0.1),
    quantized([2, 5], 0.1),
    quantized([2, 5], 0.1),
  ),
  pack_last: single(
    83,
    59,
    [
      { field: 0, int32: 3 },
      { field: 1, int32: -1 },
    ],
    [quantized([2, 5], 0.1), quantized([2, 5], 0.1), quantized([2, 5], 0.1)],
    quantized([2, 5, 3], 0.1),
  ),
  split_height: single(
    49,
    35,
    [{ field: 0, int32: 3 }],
    [integers([1], []), quantized([2, 6, 5], 0.1)],
    quantized([2, 2, 5], 0.1),
    quantized([2, 2, 5], 0.1),
    quantized([2, 2, 5], 0.1),
  ),
  concatenation_negative_axis: single(
    2,
    10,
    [{ field: 0, int32: -2 }],
    [quantized([2, 3, 5], 0.1, 1), quantized([2, 4, 5], 0.1, 1), constant([2, 1, 5], 0.1, 1)],
    quantized([2, 8, 5], 0.1, 1),
  ),
  reduce_max_last: single(
    82,
    27,
    [{ field: 0, int8: 1 }],
    [quantized(image, 0.1), integers([-1])],
    quantized([1, 5, 7, 1], 0.1),
  ),
  reduce_min: single(89, 27, [], [quantized(image, 0.1), integers([1, 2])], quantized([1, 6], 0.1)),
  sum_keep: single(
    74,
    27,
    [{ field: 0, int8: 1 }],
    [quantized(image, 0.02, -3), integers([3])],
    quantized([1, 5, 7, 1], 0.11, 8),
  ),
  mean_all: single(
    40,
    27,
    [],
    [quantized([2, 7, 9], 0.03, 11), integers([0, 1, 2])],
    quantized([], 0.01, -5),
  ),
  mean_rescaled: single(
    40,
    27,
    [{ field: 0, int8: 1 }],
    [quantized([3, 11, 5], 0.9, -7), integers([-2])],
    quantized([3, 1, 5], 0.0021, 30),
  ),
  arg_min: single(79, 57, [{ field: 0, int8: 2 }], [quantized([3, 4, 5], 0.1), integers([1], [])], {
    shape: [3, 5],
    type: 2,
  }),
  arg_max_last: single(56, 40, [{ field: 0, int8: 2 }], [quantized([3, 4, 5], 0.1), integers([-1], [])], {
    shape: [3, 4],
    type: 2,
  }),
  squeeze: single(43, 30, [], [quantized([1, 4, 1, 5], 0.1)], quantized([4, 5], 0.1)),
  expand_dims: single(70, 52, [], [quantized([4, 5], 0.1), integers([1], [])], quantized([4, 1, 5], 0.1)),
  relu_rescaled: single(19, 0, [], [quantized(image, 0.07, 13)], quantized(image, 0.02, -128)),
  relu6: single(21, 0, [], [quantized(image, 0.06, -20)], quantized(image, 0.06, -20)),
  abs_rescaled: single(101, 78, [], [quantized(image, 0.07, 13)], quantized(image, 0.031, -100)),
  leaky_relu_negative: single(
    98,
    75,
    [{ field: 0, float32: -0.37 }],
    [quantized(image, 0.07, 13)],
    quantized(image, 0.061, -9),
  ),
  ...Object.fromEntries(
    Object.entries(scales).flatMap(([size, scale]) => [
      [`logistic_${size}`, single(14, 0, [], [quantized(image, scale, 17)], quantized(image, 1 / 256, -128))],
      [`tanh_${size}`, single(28, 0, [], [quantized(image, scale, -33)], quantized(image, 1 / 128, 0))],
      [
        `softmax_${size}`,
        single(
          25,
          9,
          [{ field: 0, float32: 1.7 }],
          [quantized([3, 5, 9], scale, 2)],
          quantized([3, 5, 9], 1 / 256, -128),
        ),
      ],
      [
        `log_softmax_${size}`,
        single(50, 36, [], [quantized([3, 9], scale, 2)], quantized([3, 9], 1 / 16, 127)),
      ],
      [
        `hard_swish_${size}`,
        single(117, 91, [], [quantized(image, scale, 5)], quantized(image, scale, -101)),
      ],
      [
        `l2_normalization_${size}`,
        single(11, 12, [], [quantized([4, 9], scale, 6)], quantized([4, 9], 1 / 128, 0)),
      ],
      [
        `quantize_int8_${size}`,
        single(114, 89, [], [quantized(image, scale, 5)], quantized(image, 0.04, -9)),
      ],
      [
        `mul_${size}`,
        single(
          18,
          21,
          [{ field: 0, int8: 3 }],
          [quantized(image, scale, 5), quantized([6], 0.02, -7)],
          quantized(image, 0.04, -9),
        ),
      ],
    ]),
  ),
  softmax_one: single(
    25,
    9,
    [{ field: 0, float32: 1 }],
    [quantized([4, 1], 0.1, 2)],
    quantized([4, 1], 1 / 256, -128),
  ),
  dequantize: single(6, 38, [], [quantized(image, 0.0371, -3)], { shape: image, type: 0 }),
  quantize_float: single(114, 89, [], [{ shape: image, type: 0 }], quantized(image, 0.0123, 40)),
  add_relu_n1: single(
    0,
    11,
    [{ field: 0, int8: 2 }],
    [quantized([1, 5, 1, 6], 0.02, 5), quantized([1, 1, 7, 6], 0.3, -7)],
    quantized(image, 0.011, -9),
  ),
  /** One pair of values that ratios of scales in float32 round the other way. */
  sub_tie: single(
    41,
    28,
    [],
    [
      quantized([1, 1024], 0.051216430962085724),
      { ...quantized([], 0.0316002182662487), data: int8Bytes([-119]) },
    ],
    quantized([1, 1024], 0.010425662621855736),
  ),
  sub_broadcast: single(
    41,
    28,
    [{ field: 0, int8: 3 }],
    [quantized([6], 0.02, 5), quantized(image, 0.3, -7)],
    quantized(image, 0.07, -90),
  ),
  squared_difference_broadcast: single(
    99,
    76,
    [],
    [quantized(image, 0.02, 5), quantized([1, 5, 7, 1], 0.03, -7)],
    quantized(image, 0.07, -128),
  ),
  maximum_broadcast: single(
    55,
    39,
    [],
    [quantized(image, 0.02, 5), quantized([1], 0.02, 5)],
    quantized(image, 0.02, 5),
  ),
  average_pool_relu6: single(
    1,
    5,
    [same, ...strides(2, 1), { field: 3, int32: 3 }, { field: 4, int32: 2 }, { field: 5, int8: 3 }],
    [quantized(image, 0.06, -20)],
    quantized([1, 5, 4, 6], 0.06, -20),
  ),
  max_pool_wide: single(
    17,
    5,
    [valid, ...strides(1, 2), { field: 3, int32: 4 }, { field: 4, int32: 5 }, { field: 5, int8: 1 }],
    [quantized(image, 0.06, -20)],
    quantized([1, 1, 4, 6], 0.06, -20),
  ),
  conv_grouped: single(
    3,
    1,
    [same, ...strides(1, 1), { field: 3, int8: 1 }, { field: 4, int32: 1 }, { field: 5, int32: 1 }],
    [quantized(image, 0.05, 3), perChannel([8, 3, 3, 3], 0), bias(8)],
    quantized([1, 5, 7, 8], 0.2, -30),
  ),
  conv_grouped_dilated: single(
    3,
    1,
    [valid, ...strides(2, 1), { field: 3, int8: 0 }, { field: 4, int32: 2 }, { field: 5, int32: 1 }],
    [quantized(image, 0.05, 3), perChannel([15, 2, 3, 2], 0), bias(15)],
    quantized([1, 4, 2, 15], 0.2, 11),
  ),
  conv_grouped_pointwise: single(
    3,
    1,
    [valid, ...strides(1, 1), { field: 3, int8: 3 }, { field: 4, int32: 1 }, { field: 5, int32: 1 }],
    [quantized([1, 3, 5, 16], 0.05, -128), constant([10, 1, 1, 8], 0.006), bias(10)],
    quantized([1, 3, 5, 10], 0.1, -128),
  ),
  conv_saturating: single(
    3,
    1,
    [valid, ...strides(3, 2), { field: 3, int8: 0 }, { field: 4, int32: 2 }, { field: 5, int32: 1 }],
    [quantized(image, 0.9, 3), constant([4, 2, 2, 6], 0.5), bias(4)],
    quantized([1, 2, 2, 4], 0.0004, 7),
  ),
  depthwise_multiplier3: single(
    4,
    2,
    [
      same,
      ...strides(2, 2),
      { field: 3, int32: 3 },
      { field: 4, int8: 3 },
      { field: 5, int32: 1 },
      { field: 6, int32: 1 },
    ],
    [quantized(image, 0.05, 3), perChannel([1, 4, 2, 18], 3)],
    quantized([1, 3, 4, 18], 0.07, -128),
  ),
  depthwise_per_tensor: single(
    4,
    2,
    [
      valid,
      ...strides(1, 1),
      { field: 3, int32: 1 },
      { field: 4, int8: 0 },
      { field: 5, int32: 2 },
      { field: 6, int32: 3 },
    ],
    [quantized(image, 0.05, 3), constant([1, 2, 3, 6], 0.01), bias(6)],
    quantized([1, 2, 3, 6], 0.07, -12),
  ),
  fully_connected_per_channel: single(
    9,
    8,
    [{ field: 0, int8: 1 }],
    [quantized([3, 10], 0.05, 3), perChannel([7, 10], 0), bias(7)],
    quantized([3, 7], 0.2, -30),
  ),
  fully_connected_no_bias: single(
    9,
    8,
    [{ field: 2, int8: 1 }],
    [quantized([2, 3, 10], 0.05, 3), constant([7, 10], 0.007)],
    quantized([2, 3, 7], 0.1, -30),
  ),
  transpose_conv_bias: single(
    67,
    49,
    [same, ...strides(3, 2), { field: 3, int8: 1 }],
    [integers([1, 9, 19, 4]), perChannel([4, 3, 4, 6], 0), quantized(image, 0.05, 3), bias(4)],
    quantized([1, 9, 19, 4], 0.2, -30),
  ),
  batch_matmul_transposed: single(
    126,
    101,
    [
      { field: 0, int8: 1 },
      { field: 1, int8: 1 },
    ],
    [quantized([2, 1, 5, 3], 0.05, 3), quantized([4, 6, 5], 0.03, -9)],
    quantized([2, 4, 3, 6], 0.3, 12),
  ),
  batch_matmul_constant: single(
    126,
    101,
    [],
    [quantized([3, 5], 0.05, 3), constant([5, 6], 0.03, -9)],
    quantized([3, 6], 0.3, 12),
  ),
  strided_slice_backwards: single(
    45,
    32,
    [
      { field: 0, int32: 0b0100 },
      { field: 1, int32: 0b0100 },
      { field: 4, int32: 0b0001 },
    ],
    [quantized(image, 0.1), integers([0, -1, 3, 1]), integers([1, 0, 0, 5]), integers([1, -2, -3, 2])],
    quantized([2, 3, 2], 0.1),
  ),
  slice_to_end: single(
    65,
    48,
    [],
    [quantized(image, 0.1), integers([0, 2, 3, 1]), integers([1, -1, 2, -1])],
    quantized([1, 3, 2, 5], 0.1),
  ),
  gather_inner: single(
    36,
    23,
    [{ field: 0, int32: 2 }],
    [quantized(image, 0.1), integers([6, 0, 3, 3, 1, 2], [2, 3])],
    quantized([1, 5, 2, 3, 6], 0.1),
  ),
  transpose_rank3: single(
    39,
    26,
    [],
    [quantized([3, 4, 5], 0.1), integers([2, 0, 1])],
    quantized([5, 3, 4], 0.1),
  ),
  ...Object.fromEntries(
    (
      [
        ['equal', 71],
        ['not_equal', 72],
        ['greater', 61],
        ['greater_equal', 62],
        ['less', 58],
        ['less_equal', 63],
      ] as const
    ).flatMap(([name, code]) => [
      [
        name,
        single(code, 0, [], [quantized([4, 25], 0.05, 3), constant([4, 25], 0.05, 3, 5)], truths([4, 25])),
      ],
      /** Scales so fine that neighbours become equal, and broadcasting both ways. */
      [
        `${name}_of_scales`,
        single(
          code,
          0,
          [],
          [quantized([2, 1, 40], 0.0021, 3), quantized([3, 40], 0.0013, -20)],
          truths([2, 3, 40]),
        ),
      ],
      [
        `${name}_float`,
        single(
          code,
          0,
          [],
          [
            { shape: [30, 10], type: 0 },
            { shape: [10], type: 0 },
          ],
          truths([30, 10]),
        ),
      ],
      [
        `${name}_int32`,
        single(
          code,
          0,
          [],
          [
            { shape: [30, 10], type: 2 },
            { shape: [30, 10], type: 2 },
          ],
          truths([30, 10]),
        ),
      ],
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ['add', 0, 11],
        ['sub', 41, 28],
        ['mul', 18, 21],
        ['maximum', 55, 39],
        ['minimum', 57, 39],
      ] as const
    ).map(([name, code, options]) => [
      `${name}_int32`,
      single(code, options, [], [int32([4, 1, 7]), int32([5, 7])], int32([4, 5, 7])),
    ]),
  ),
  div_int32: single(42, 29, [], [int32([5, 8]), integers([1, -1, 2, -3, 7, 100, -128, 5])], int32([5, 8])),
  /** Without a zero among the divisors, which TensorFlow Lite Micro does not divide by. */
  div: single(
    42,
    29,
    [{ field: 0, int8: 0 }],
    [
      quantized([9, 8], 0.02, 5),
      { ...quantized([8], 0.5, 3), data: int8Bytes([4, 2, 7, -60, 127, -128, 0, 35]) },
    ],
    quantized([9, 8], 0.0005, -9),
  ),
  div_relu: single(
    42,
    29,
    [{ field: 0, int8: 1 }],
    [
      quantized([9, 8], 0.4, 5),
      { ...quantized([9, 1], 0.03, -20), data: int8Bytes([4, 2, 7, -60, 127, -128, 0, 35, -19]) },
    ],
    quantized([9, 8], 0.07, -100),
  ),
  ...Object.fromEntries(
    (['int8', 'int16', 'int32', 'float32', 'bool'] as const).flatMap((from) =>
      (['int8', 'int16', 'int32', 'float32'] as const)
        .filter((to) => to !== from)
        .map((to) => [
          `cast_${from}_to_${to}`,
          single(53, 37, [], [{ shape: [3, 50], type: typeNumbers[from] }], {
            shape: [3, 50],
            type: typeNumbers[to],
          }),
        ]),
    ),
  ),
  reduce_all: single(140, 27, [], [truths([4, 3, 2]), integers([1])], truths([4, 2])),
  reduce_all_kept: single(
    140,
    27,
    [{ field: 0, int8: 1 }],
    [truths([2, 3, 4]), integers([1, 2])],
    truths([2, 1, 1]),
  ),
  zeros_like: {
    tensors: [
      { name: 't0', ...quantized([3, 4], 0.1, 5) },
      { name: 't1', ...quantized([3, 4], 0.1, 5) },
      { name: 't2', ...quantized([3, 4], 0.1, 5) },
    ],
    operators: [
      { code: 93, inputs: [0], outputs: [1] },
      { code: 55, inputs: [0, 1], outputs: [2] },
    ],
    inputs: [0],
    outputs: [2],
  },
  equal_truths: single(71, 0, [], [truths([5, 6]), truths([6])], truths([5, 6])),
  not_equal_truths: single(72, 0, [], [truths([5, 6]), truths([5, 6])], truths([5, 6])),
  logical_and: single(86, 0, [], [truths([5, 6]), truths([5, 6])], truths([5, 6])),
  logical_or: single(84, 0, [], [truths([5, 6]), truths([5, 1])], truths([5, 6])),
  logical_not: single(87, 0, [], [truths([5, 6])], truths([5, 6])),
  select: single(
    123,
    98,
    [],
    [truths([5, 6]), quantized([5, 6], 0.1, 3), quantized([5, 6], 0.1, 3)],
    quantized([5, 6], 0.1, 3),
  ),
  select_broadcast: single(
    123,
    98,
    [],
    [truths([5, 1]), quantized([2, 5, 6], 0.1, 3), constant([6], 0.1, 3)],
    quantized([2, 5, 6], 0.1, 3),
  ),
  select_float: single(
    123,
    98,
    [],
    [truths([4, 5, 6]), { shape: [5, 6], type: 0 }, { shape: [4, 1, 6], type: 0 }],
    { shape: [4, 5, 6], type: 0 },
  ),
  /** With the zero point 0, as TensorFlow Lite Micro leaves what it pads with unset. */
  space_to_batch: single(
    38,
    0,
    [],
    [quantized([2, 5, 7, 3], 0.1), integers([2, 3]), integers([1, 2, 0, 2], [2, 2])],
    quantized([12, 4, 3, 3], 0.1),
  ),
  space_to_batch_even: single(
    38,
    0,
    [],
    [quantized([1, 4, 6, 2], 0.1, 7), integers([2, 3]), integers([0, 0, 0, 0], [2, 2])],
    quantized([6, 2, 2, 2], 0.1, 7),
  ),
  space_to_batch_line: single(
    38,
    0,
    [],
    [quantized([1, 9, 4], 0.1), integers([4]), integers([5, 2], [1, 2])],
    quantized([4, 4, 4], 0.1),
  ),
  space_to_batch_float: single(
    38,
    0,
    [],
    [{ shape: [1, 5, 4, 2], type: 0 }, integers([3, 2]), integers([2, 2, 1, 1], [2, 2])],
    { shape: [6, 3, 3, 2], type: 0 },
  ),
  batch_to_space: single(
    37,
    0,
    [],
    [quantized([12, 4, 3, 3], 0.1, 5), integers([2, 3]), integers([1, 2, 0, 2], [2, 2])],
    quantized([2, 5, 7, 3], 0.1, 5),
  ),
  batch_to_space_whole: single(
    37,
    0,
    [],
    [quantized([8, 2, 3, 3], 0.1, 5), integers([2, 2]), integers([0, 0, 0, 0], [2, 2])],
    quantized([2, 4, 6, 3], 0.1, 5),
  ),
  batch_to_space_line: single(
    37,
    0,
    [],
    [quantized([4, 4, 3], 0.1), integers([4]), integers([5, 2], [1, 2])],
    quantized([1, 9, 3], 0.1),
  ),
  batch_to_space_float: single(
    37,
    0,
    [],
    [{ shape: [6, 3, 3, 2], type: 0 }, integers([3, 2]), integers([2, 2, 1, 1], [2, 2])],
    { shape: [1, 5, 4, 2], type: 0 },
  ),
  split_v: single(
    102,
    79,
    [{ field: 0, int32: 3 }],
    [quantized([2, 3, 7], 0.1, 3), integers([1, 4, 2]), integers([2], [])],
    quantized([2, 3, 1], 0.1, 3),
    quantized([2, 3, 4], 0.1, 3),
    quantized([2, 3, 2], 0.1, 3),
  ),
  split_v_float: single(
    102,
    79,
    [{ field: 0, int32: 2 }],
    [{ shape: [2, 5, 3], type: 0 }, integers([4, -1]), integers([-2], [])],
    { shape: [2, 4, 3], type: 0 },
    { shape: [2, 1, 3], type: 0 },
  ),
  reverse_rows: single(
    105,
    81,
    [],
    [quantized([3, 4, 5], 0.1, 3), integers([1])],
    quantized([3, 4, 5], 0.1, 3),
  ),
  reverse_last: single(105, 81, [], [{ shape: [3, 4, 5], type: 0 }, integers([-1, 1])], {
    shape: [3, 4, 5],
    type: 0,
  }),
  gather_nd_rows: single(
    107,
    83,
    [],
    [quantized([4, 3, 5], 0.1, 3), integers([3, 2, 0, 1, 3, 0], [3, 2])],
    quantized([3, 5], 0.1, 3),
  ),
  gather_nd_elements: single(107, 83, [], [{ shape: [4, 5], type: 0 }, integers([3, 2, 0, 1], [1, 2, 2])], {
    shape: [1, 2],
    type: 0,
  }),
  broadcast_to: single(
    130,
    99,
    [],
    [quantized([3, 1, 5], 0.1, 3), integers([2, 3, 4, 5])],
    quantized([2, 3, 4, 5], 0.1, 3),
  ),
  broadcast_to_float: single(130, 99, [], [{ shape: [4, 1], type: 0 }, integers([4, 6])], {
    shape: [4, 6],
    type: 0,
  }),
  mirror_pad_symmetric: single(
    100,
    77,
    [{ field: 0, int8: 1 }],
    [quantized([3, 4], 0.1), integers([3, 1, 2, 4], [2, 2])],
    quantized([7, 10], 0.1),
  ),
  ...Object.fromEntries(
    [
      { name: 'corners', align: 1, half: 0 },
      { name: 'half_pixel', align: 0, half: 1 },
      { name: 'plain', align: 0, half: 0 },
    ].flatMap(({ name, align, half }) =>
      [
        { size: 'up', height: 11, width: 9 },
        { size: 'down', height: 3, width: 4 },
      ].flatMap(({ size, height, width }) => [
        [
          `resize_bilinear_${name}_${size}`,
          single(
            23,
            15,
            [
              { field: 2, int8: align },
              { field: 3, int8: half },
            ],
            [quantized(image, 0.1), integers([height, width])],
            quantized([1, height, width, 6], 0.1),
          ),
        ],
        [
          `resize_nearest_${name}_${size}`,
          single(
            97,
            74,
            [
              { field: 0, int8: align },
              { field: 1, int8: half },
            ],
            [quantized(image, 0.1), integers([height, width])],
            quantized([1, height, width, 6], 0.1),
          ),
        ],
      ]),
    ),
  ),
};
