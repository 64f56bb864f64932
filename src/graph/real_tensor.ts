import { bytesOf, elementCount, type Tensor, typedArray } from './graph.ts';

/** Quantized constants as the numbers that they stand for; quantized computed tensors as float32. */
export function realTensor(tensor: Tensor): Tensor {
  const { type, data, quantization, shape } = tensor;
  if (quantization === null || type === 'float32') return tensor;
  const { scales, zeroPoints, axis } = quantization;
  const inner = elementCount(shape.slice(axis + 1));
  const real = (bytes: Uint8Array): Uint8Array => {
    const integers = typedArray(type, bytes);
    const values = Float32Array.from({ length: integers.length }, (_, at) => {
      const channel = scales.length === 1 ? 0 : Math.floor(at / inner) % scales.length;
      return (Number(integers[at]) - (zeroPoints[channel] ?? 0)) * (scales[channel] ?? 1);
    });
    return bytesOf(values);
  };
  const { initialState, ...rest } = tensor;
  const state = initialState === undefined ? {} : { initialState: real(initialState) };
  return { ...rest, ...state, type: 'float32', quantization: null, data: data === null ? null : real(data) };
}
