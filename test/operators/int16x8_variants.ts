import {
  type BuiltModel,
  type BuiltOption,
  type BuiltTensor,
  int32Bytes,
  someInt8,
} from '../import/build_model.ts';

/**
 * Models with int16 activations of one operator each, for what the converter leaves out: scales at the edges, other types
 * beside int16, multipliers above one. `write_int16x8_variants.ts` puts them into test/fixtures/int16x8.
 */

const typeNumbers = { float32: 0, int32: 2, int64: 4, int16: 7, int8: 9 } as const;

const quantized = (
  shape: readonly number[],
  scale: number,
  type: keyof typeof typeNumbers = 'int16',
  zeroPoint = 0,
): BuiltTensor => ({
  shape,
  type: typeNumbers[type],
  scales: [Math.fround(scale)],
  zeroPoints: [zeroPoint],
});

const int64Bytes = (values: readonly number[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
const int16Bytes = (values: readonly number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);

const weights = (shape: readonly number[], scales: readonly number[], axis = 0): BuiltTensor => ({
  shape,
  scales: scales.map(Math.fround),
  zeroPoints: scales.map(() => 0),
  axis,
  data: someInt8(
    shape.reduce((a, b) => a * b, 1),
    7,
  ),
});
const bias = (type: 'int64' | 'int32' | 'int16', values: readonly number[]): BuiltTensor => ({
  shape: [values.length],
  type: typeNumbers[type],
  data: (type === 'int64' ? int64Bytes : type === 'int32' ? int32Bytes : int16Bytes)(values),
});

function single(
  code: number,
  optionsType: number,
  fields: readonly BuiltOption[],
  operands: readonly BuiltTensor[],
  result: BuiltTensor,
): BuiltModel {
  const tensors = [...operands, result].map((tensor, index) => ({ name: `t${index}`, ...tensor }));
  const inputs = operands.map((_, index) => index);
  return {
    tensors,
    operators: [{ code, inputs, outputs: [operands.length], options: { type: optionsType, fields } }],
    inputs: inputs.filter((index) => tensors[index]?.data === undefined),
    outputs: [operands.length],
  };
}

const image = [1, 5, 7, 6] as const;
const conv = [
  { field: 0, int8: 0 },
  { field: 1, int32: 1 },
  { field: 2, int32: 1 },
];
const vector = [2, 24] as const;

const fullyConnected = (scales: readonly number[], biases: BuiltTensor, output: number): BuiltModel =>
  single(9, 8, [], [quantized(vector, 0.0003), weights([5, 24], scales), biases], quantized([2, 5], output));

const quantize = (from: BuiltTensor, to: BuiltTensor): BuiltModel => single(114, 87, [], [from], to);

const softmax = (input: BuiltTensor, output: BuiltTensor, beta: number): BuiltModel =>
  single(25, 9, [{ field: 0, float32: beta }], [input], output);

const add = (code: number, options: number, a: number, b: number, output: number): BuiltModel =>
  single(code, options, [], [quantized(image, a), quantized(image, b)], quantized(image, output));

const unary = (code: number, input: number, output: number): BuiltModel =>
  single(code, 0, [], [quantized(image, input)], quantized(image, output));

const leaky = (alpha: number): BuiltModel =>
  single(98, 75, [{ field: 0, float32: alpha }], [quantized(image, 0.0003)], quantized(image, 0.0002));

const unit = 1 / 32768;

export const int16x8Variants: Readonly<Record<string, BuiltModel>> = {
  conv_per_channel: single(
    3,
    1,
    conv,
    [
      quantized(image, 0.0003),
      weights([5, 3, 2, 6], [0.001, 0.01, 0.1, 0.002, 0.0001]),
      bias('int64', [0, 2 ** 20, -(2 ** 30), 5, -9]),
    ],
    quantized([1, 5, 7, 5], 0.0004),
  ),
  conv_grouped: single(
    3,
    1,
    conv,
    [
      quantized(image, 0.0003),
      weights([8, 3, 2, 3], [0.001, 0.01, 0.1, 0.002, 0.0001, 0.03, 0.004, 0.2]),
      bias('int64', [0, 2 ** 20, -(2 ** 30), 5, -9, 700, -(2 ** 17), 3]),
    ],
    quantized([1, 5, 7, 8], 0.0004),
  ),
  conv_grouped_bias_beyond_32_bits: single(
    3,
    1,
    conv,
    [
      quantized(image, 0.0003),
      weights([3, 1, 1, 2], [0.001]),
      bias('int64', [2 ** 38, -(2 ** 40) - 77, 2 ** 31]),
    ],
    quantized([1, 5, 7, 3], 12),
  ),
  conv_bias_beyond_32_bits: single(
    3,
    1,
    conv,
    [
      quantized(image, 0.0003),
      weights([3, 1, 1, 6], [0.001]),
      bias('int64', [2 ** 38, -(2 ** 40) - 77, 2 ** 31]),
    ],
    quantized([1, 5, 7, 3], 12),
  ),
  conv_multiplier_above_one: single(
    3,
    1,
    conv,
    [quantized(image, 0.01), weights([3, 1, 1, 6], [0.9]), bias('int64', [3, -1, 0])],
    quantized([1, 5, 7, 3], 0.0004),
  ),
  conv_channels_far_apart: single(
    3,
    1,
    conv,
    [
      quantized([1, 5, 7, 8], 0.001),
      weights([4, 3, 3, 8], [0.01, 2e-7, 0.004, 3e-9]),
      bias('int64', [-70000, 2 ** 27, 0, -(2 ** 28)]),
    ],
    quantized([1, 5, 7, 4], 0.001),
  ),
  conv_bias32_wraps: single(
    3,
    1,
    conv,
    [
      quantized(image, 0.0003),
      weights([3, 3, 3, 6], [0.001]),
      bias('int32', [2147483647, -2147483648, 2000000000]),
    ],
    quantized([1, 5, 7, 3], 0.04),
  ),
  dwconv_per_channel: single(
    4,
    2,
    [...conv, { field: 3, int32: 1 }],
    [
      quantized(image, 0.0003),
      weights([1, 2, 3, 6], [0.001, 0.01, 0.1, 0.002, 0.0001, 0.5], 3),
      bias('int64', [0, 2 ** 20, -(2 ** 30), 5, -9, 2 ** 36]),
    ],
    quantized(image, 0.0004),
  ),
  fc_per_channel: fullyConnected(
    [0.001, 0.01, 0.1, 0.002, 0.0001],
    bias('int64', [1, 2, 3, -(2 ** 33), 5]),
    0.0004,
  ),
  fc_bias32: fullyConnected([0.002], bias('int32', [1, 2 ** 20, -3, 4, 5]), 0.0004),
  transpose_conv_bias16: single(
    67,
    49,
    conv,
    [
      { shape: [4], type: 2, data: int32Bytes([1, 5, 7, 3]) },
      weights([3, 3, 3, 6], [0.001, 0.01, 0.1]),
      quantized(image, 0.0003),
      bias('int16', [100, -32768, 32767]),
    ],
    quantized([1, 5, 7, 3], 0.0004),
  ),
  quantize_to_int8: quantize(quantized(image, 0.0003), quantized(image, 0.05, 'int8', 17)),
  quantize_to_int16: quantize(quantized(image, 0.0003), quantized(image, 0.0001)),
  quantize_to_int32: quantize(quantized(image, 0.0003), quantized(image, 0.0000001, 'int32')),
  quantize_from_int8: quantize(quantized(image, 0.05, 'int8', 17), quantized(image, 0.0003)),
  quantize_from_int32: quantize(quantized(image, 0.01, 'int32'), quantized(image, 0.0003)),
  quantize_int32_int8: quantize(quantized(image, 0.01, 'int32'), quantized(image, 0.05, 'int8', -3)),
  quantize_int8_int32: quantize(quantized(image, 0.05, 'int8', 17), quantized(image, 0.00001, 'int32')),
  quantize_float: quantize({ shape: image, type: 0 }, quantized(image, 0.00003)),
  dequantize: single(6, 51, [], [quantized(image, 0.0003)], { shape: image, type: 0 }),
  softmax_int8: softmax(quantized([3, 9], 0.05, 'int8', 3), quantized([3, 9], 1 / 65536, 'int16', -32768), 1),
  softmax_sharp: softmax(quantized([3, 9], 0.002), quantized([3, 9], unit), 8),
  softmax_flat: softmax(quantized([3, 9], 0.000001), quantized([3, 9], unit), 1),
  logistic_power: unary(14, 2 ** -12, unit),
  logistic_other_power: unary(14, 2 ** -11, unit),
  logistic_fine: unary(14, 0.000013, unit),
  logistic_coarse: unary(14, 0.9, unit),
  tanh_power: unary(28, 2 ** -12, unit),
  tanh_double_power: unary(28, 2 ** -11, unit),
  tanh_fine: unary(28, 0.000013, unit),
  tanh_coarse: unary(28, 0.9, unit),
  abs_scaled: unary(101, 0.0003, 0.0002),
  /** Of a magnitude: below zero TensorFlow Lite Micro stops. */
  rsqrt: {
    tensors: [
      { name: 't0', ...quantized(image, 0.0003) },
      { name: 't1', ...quantized(image, 0.0003) },
      { name: 't2', ...quantized(image, 0.004) },
    ],
    operators: [
      { code: 101, inputs: [0], outputs: [1] },
      { code: 76, inputs: [1], outputs: [2] },
    ],
    inputs: [0],
    outputs: [2],
  },
  relu_scaled: unary(19, 0.0003, 0.0001),
  relu6: unary(21, 0.0003, 0.0003),
  prelu: single(
    54,
    0,
    [],
    [quantized(image, 0.0003), { ...weights([1, 1, 6], [0.01]), zeroPoints: [5] }],
    quantized(image, 0.0002),
  ),
  expand_dims: single(
    70,
    52,
    [],
    [quantized([3, 8], 0.0003), { shape: [1], type: 2, data: int32Bytes([1]) }],
    quantized([3, 1, 8], 0.0003),
  ),
  squeeze: single(43, 30, [], [quantized([3, 1, 8], 0.0003)], quantized([3, 8], 0.0003)),
  pad_v2: single(
    60,
    43,
    [],
    [
      quantized([2, 3, 4], 0.0003),
      { shape: [3, 2], type: 2, data: int32Bytes([1, 0, 0, 2, 1, 1]) },
      { ...quantized([1], 0.0003), data: int16Bytes([-1234]) },
    ],
    quantized([3, 5, 6], 0.0003),
  ),
  split_v: {
    tensors: [
      { name: 't0', ...quantized([2, 7, 3], 0.0003) },
      { name: 't1', shape: [2], type: 2, data: int32Bytes([5, 2]) },
      { name: 't2', shape: [1], type: 2, data: int32Bytes([1]) },
      { name: 't3', ...quantized([2, 5, 3], 0.0003) },
      { name: 't4', ...quantized([2, 2, 3], 0.0003) },
    ],
    operators: [
      {
        code: 102,
        inputs: [0, 1, 2],
        outputs: [3, 4],
        options: { type: 79, fields: [{ field: 0, int32: 2 }] },
      },
    ],
    inputs: [0],
    outputs: [3, 4],
  },
  select: single(
    123,
    98,
    [],
    [
      { shape: [3, 4, 5], type: 6 },
      quantized([3, 4, 5], 0.0003),
      { ...quantized([5], 0.0003), data: int16Bytes([-32768, 1, 0, 300, 32767]) },
    ],
    quantized([3, 4, 5], 0.0003),
  ),
  reverse: single(
    105,
    81,
    [],
    [quantized([3, 4, 5], 0.0003), { shape: [1], type: 2, data: int32Bytes([1]) }],
    quantized([3, 4, 5], 0.0003),
  ),
  broadcast_to: single(
    130,
    99,
    [],
    [quantized([3, 1, 5], 0.0003), { shape: [4], type: 2, data: int32Bytes([2, 3, 4, 5]) }],
    quantized([2, 3, 4, 5], 0.0003),
  ),
  leaky_relu_steep: leaky(1.7),
  leaky_relu_negative: leaky(-0.3),
  add_far_scales: add(0, 11, 0.0001, 0.3, 0.3),
  add_fine_output: add(0, 11, 0.0003, 0.0002, 0.000004),
  sub_far_scales: add(41, 28, 0.3, 0.0001, 0.2),
  mul_left_shift: add(18, 21, 0.3, 0.2, 0.001),
};
