import { type BuiltModel, buildModel, int32Bytes, someInt8 } from './import/build_model.ts';

/**
 * A network with two inputs and two outputs: an image [1, 4, 4, 2] and a vector [1, 3], each through a dense layer of its
 * own; their sum, and the softmax of the vector's part.
 */
const quantization = { scales: [0.05], zeroPoints: [3] };
const weights = { scales: [0.02], zeroPoints: [0] };
const dense = { type: 8, fields: [{ field: 0, int8: 0 }] };
const add = { type: 11, fields: [{ field: 0, int8: 0 }] };
const softmax = { type: 9, fields: [{ field: 0, float32: 1 }] };

function described(isFloat: boolean): BuiltModel {
  const type = isFloat ? { type: 0 } : {};
  const value = (name: string, shape: readonly number[], of = quantization) => ({
    name,
    shape,
    ...type,
    ...(isFloat ? {} : of),
  });
  const constant = (name: string, shape: readonly [number, number], seed: number) => {
    const integers = new Int8Array(someInt8(shape[0] * shape[1], seed));
    const floats = new Uint8Array(Float32Array.from(integers, (each) => each * 0.02).buffer);
    return { ...value(name, shape, weights), data: isFloat ? floats : new Uint8Array(integers.buffer) };
  };
  return {
    tensors: [
      value('image', [1, 4, 4, 2]),
      value('meta', [1, 3]),
      { name: 'shape', shape: [2], type: 2, data: int32Bytes([1, 32]) },
      value('flat', [1, 32]),
      constant('image_weights', [4, 32], 1),
      value('image_part', [1, 4], { scales: [0.2], zeroPoints: [-5] }),
      constant('meta_weights', [4, 3], 2),
      value('meta_part', [1, 4], { scales: [0.1], zeroPoints: [7] }),
      value('sum', [1, 4], { scales: [0.25], zeroPoints: [0] }),
      value('share', [1, 4], { scales: [1 / 256], zeroPoints: [-128] }),
    ],
    operators: [
      { code: 22, inputs: [0, 2], outputs: [3] },
      { code: 9, inputs: [3, 4, -1], outputs: [5], options: dense },
      { code: 9, inputs: [1, 6, -1], outputs: [7], options: dense },
      { code: 0, inputs: [5, 7], outputs: [8], options: add },
      { code: 25, inputs: [7], outputs: [9], options: softmax },
    ],
    inputs: [0, 1],
    outputs: [8, 9],
    signatures: [{ inputs: { image: 0, meta: 1 }, outputs: { sum: 8, share: 9 } }],
  };
}

export function twoInputs(isFloat = false): Uint8Array {
  return buildModel(described(isFloat));
}
