import {
  type BuiltModel,
  type BuiltOperator,
  type BuiltTensor,
  int32Bytes,
  someInt8,
} from '../import/build_model.ts';

/**
 * Models as TensorFlow 1 wrote them: uint8 activations and weights, one scale and zero point each. `write_uint8_models.ts`
 * puts them into test/fixtures/uint8.
 */

const uint8 = 3;

const activation = (shape: readonly number[], scale: number, zeroPoint: number): BuiltTensor => ({
  shape,
  type: uint8,
  scales: [Math.fround(scale)],
  zeroPoints: [zeroPoint],
});

/** Values from `lowest` to `highest`: whether they fit int8 around the zero point, these say. */
const weights = (
  shape: readonly number[],
  scale: number,
  zeroPoint: number,
  [lowest, highest]: readonly [number, number] = [0, 255],
): BuiltTensor => ({
  ...activation(shape, scale, zeroPoint),
  data: someInt8(
    shape.reduce((a, b) => a * b, 1),
    5,
  ).map((value) => lowest + Math.floor((value * (highest - lowest + 1)) / 256)),
});

const bias = (channels: number, scale: number): BuiltTensor => ({
  shape: [channels],
  type: 2,
  scales: [Math.fround(scale)],
  data: int32Bytes(Array.from({ length: channels }, (_, index) => (index - 2) * 317)),
});

const same = { field: 0, int8: 0 };
const strides = (width: number, height: number) => [
  { field: 1, int32: width },
  { field: 2, int32: height },
];
const relu6 = 3;

function model(tensors: readonly BuiltTensor[], operators: readonly BuiltOperator[]): BuiltModel {
  const written = operators.flatMap(({ outputs }) => outputs);
  const read = operators.flatMap(({ inputs }) => inputs);
  const indices = tensors.map((_, index) => index);
  return {
    tensors: tensors.map((tensor, index) => ({ name: `t${index}`, ...tensor })),
    operators,
    inputs: indices.filter((index) => tensors[index]?.data === undefined && !written.includes(index)),
    outputs: written.filter((index) => !read.includes(index)),
  };
}

const image = [1, 7, 6, 3] as const;
const convOptions = { type: 1, fields: [same, ...strides(1, 1), { field: 3, int8: relu6 }] };
const depthwiseOptions = {
  type: 2,
  fields: [same, ...strides(2, 2), { field: 3, int32: 1 }, { field: 4, int8: 0 }],
};
const poolOptions = (width: number, height: number) => ({
  type: 5,
  fields: [same, ...strides(1, 1), { field: 3, int32: width }, { field: 4, int32: height }],
});

const conv = (filters: BuiltTensor): BuiltModel =>
  model(
    [activation(image, 0.011, 121), filters, bias(5, 0.0001), activation([1, 7, 6, 5], 0.0235, 0)],
    [{ code: 3, inputs: [0, 1, 2], outputs: [3], options: convOptions }],
  );

const depthwise = (filters: BuiltTensor): BuiltModel =>
  model(
    [activation(image, 0.011, 121), filters, bias(3, 0.0001), activation([1, 4, 3, 3], 0.05, 100)],
    [{ code: 4, inputs: [0, 1, 2], outputs: [3], options: depthwiseOptions }],
  );

const pool = (code: number, width: number, height: number): BuiltModel =>
  model(
    [activation(image, 0.011, 121), activation(image, 0.011, 121)],
    [{ code, inputs: [0], outputs: [1], options: poolOptions(width, height) }],
  );

const pair = (code: number, type: number): BuiltModel =>
  model(
    [activation(image, 0.011, 121), activation(image, 0.03, 7), activation(image, 0.04, 140)],
    [{ code, inputs: [0, 1], outputs: [2], options: { type, fields: [] } }],
  );

const chosen = (code: number): BuiltModel =>
  model(
    [activation(image, 0.011, 121), activation([6, 1], 0.011, 121), activation(image, 0.011, 121)],
    [{ code, inputs: [0, 1], outputs: [2], options: { type: 39, fields: [] } }],
  );

export const uint8Models: Readonly<Record<string, BuiltModel>> = {
  conv_around_zero: conv(weights([5, 3, 3, 3], 0.009, 128)),
  conv_within_int8: conv(weights([5, 3, 3, 3], 0.009, 60, [0, 180])),
  conv_beyond_int8: conv(weights([5, 3, 3, 3], 0.009, 87)),
  conv_zero_point_0: conv(weights([5, 3, 3, 3], 0.009, 0)),
  conv_zero_point_255: conv(weights([5, 3, 3, 3], 0.009, 255)),
  dwconv_within_int8: depthwise(weights([1, 3, 3, 3], 0.02, 150, [60, 255])),
  dwconv_beyond_int8: depthwise(weights([1, 3, 3, 3], 0.02, 201)),
  average_pool: pool(1, 3, 2),
  average_pool_pairs: pool(1, 2, 1),
  max_pool: pool(17, 2, 2),
  add: pair(0, 11),
  sub: pair(41, 28),
  mul: pair(18, 21),
  softmax: model(
    [activation([2, 11], 0.09, 96), activation([2, 11], 1 / 256, 0)],
    [{ code: 25, inputs: [0], outputs: [1], options: { type: 9, fields: [{ field: 0, float32: 1 }] } }],
  ),
  logistic: model(
    [activation(image, 0.05, 121), activation(image, 1 / 256, 0)],
    [{ code: 14, inputs: [0], outputs: [1] }],
  ),
  /** Only the edges are uint8, at another scale before, at the same one behind. */
  int8_inside: model(
    [
      activation(image, 0.011, 121),
      { shape: image, scales: [0.0125], zeroPoints: [-7] },
      { shape: image, scales: [0.0125], zeroPoints: [-7] },
      activation(image, 0.0125, 121),
    ],
    [
      { code: 114, inputs: [0], outputs: [1] },
      { code: 17, inputs: [1], outputs: [2], options: poolOptions(2, 2) },
      { code: 114, inputs: [2], outputs: [3] },
    ],
  ),
  tanh: model(
    [activation(image, 0.03, 121), activation(image, 1 / 128, 128)],
    [{ code: 28, inputs: [0], outputs: [1] }],
  ),
  relu6: model(
    [activation(image, 0.05, 100), activation(image, 0.05, 100)],
    [{ code: 21, inputs: [0], outputs: [1] }],
  ),
  relu: model(
    [activation(image, 0.011, 121), activation(image, 0.011, 121)],
    [{ code: 19, inputs: [0], outputs: [1] }],
  ),
  maximum: chosen(55),
  minimum: chosen(57),
  dequantize: model(
    [activation(image, 0.011, 121), { shape: image, type: 0 }],
    [{ code: 6, inputs: [0], outputs: [1] }],
  ),
  mean: model(
    [
      activation(image, 0.011, 121),
      { shape: [2], type: 2, data: int32Bytes([1, 2]) },
      activation([1, 3], 0.008, 90),
    ],
    [{ code: 40, inputs: [0, 1], outputs: [2], options: { type: 27, fields: [] } }],
  ),
  concat: model(
    [activation(image, 0.011, 121), activation(image, 0.011, 121), activation([1, 7, 6, 6], 0.011, 121)],
    [{ code: 2, inputs: [0, 1], outputs: [2], options: { type: 10, fields: [{ field: 0, int32: 3 }] } }],
  ),
  mean_of_one_scale: model(
    [
      activation(image, 0.011, 121),
      { shape: [2], type: 2, data: int32Bytes([1, 2]) },
      activation([1, 3], 0.011, 121),
    ],
    [{ code: 40, inputs: [0, 1], outputs: [2], options: { type: 27, fields: [] } }],
  ),
  pad: model(
    [
      activation(image, 0.011, 121),
      { shape: [4, 2], type: 2, data: int32Bytes([0, 0, 1, 2, 2, 0, 0, 0]) },
      activation([1, 10, 8, 3], 0.011, 121),
    ],
    [{ code: 34, inputs: [0, 1], outputs: [2], options: { type: 22, fields: [] } }],
  ),
  fc: model(
    [
      activation([2, 17], 0.02, 99),
      weights([6, 17], 0.01, 113),
      bias(6, 0.0002),
      activation([2, 6], 0.08, 131),
    ],
    [{ code: 9, inputs: [0, 1, 2], outputs: [3], options: { type: 8, fields: [] } }],
  ),
  /** As MobileNet v1: convolution, depthwise, pointwise, pool, dense, softmax. */
  network: model(
    [
      activation([1, 12, 12, 3], 0.0078, 128),
      weights([8, 3, 3, 3], 0.011, 138),
      bias(8, 0.000086),
      activation([1, 12, 12, 8], 0.0235, 0),
      weights([1, 3, 3, 8], 0.02, 112),
      bias(8, 0.00047),
      activation([1, 6, 6, 8], 0.0235, 0),
      weights([12, 1, 1, 8], 0.013, 127),
      bias(12, 0.0003),
      activation([1, 6, 6, 12], 0.0235, 0),
      activation([1, 1, 1, 12], 0.0235, 0),
      { shape: [2], type: 2, data: int32Bytes([1, 12]) },
      activation([1, 12], 0.0235, 0),
      weights([10, 12], 0.01, 90),
      bias(10, 0.000235),
      activation([1, 10], 0.09, 80),
      activation([1, 10], 1 / 256, 0),
    ],
    [
      { code: 3, inputs: [0, 1, 2], outputs: [3], options: convOptions },
      {
        code: 4,
        inputs: [3, 4, 5],
        outputs: [6],
        options: {
          type: 2,
          fields: [same, ...strides(2, 2), { field: 3, int32: 1 }, { field: 4, int8: relu6 }],
        },
      },
      { code: 3, inputs: [6, 7, 8], outputs: [9], options: convOptions },
      {
        code: 1,
        inputs: [9],
        outputs: [10],
        options: {
          type: 5,
          fields: [{ field: 0, int8: 1 }, ...strides(2, 2), { field: 3, int32: 6 }, { field: 4, int32: 6 }],
        },
      },
      { code: 22, inputs: [10, 11], outputs: [12], options: { type: 17, fields: [] } },
      { code: 9, inputs: [12, 13, 14], outputs: [15], options: { type: 8, fields: [] } },
      { code: 25, inputs: [15], outputs: [16], options: { type: 9, fields: [{ field: 0, float32: 1 }] } },
    ],
  ),
};
