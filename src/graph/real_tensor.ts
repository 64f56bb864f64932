import { bytesOf, elementCount, type Tensor, typedArray } from './graph.ts';

/** Quantized constants as the numbers that they stand for; quantized computed tensors as float32. */
export function realTensor(tensor: Tensor): Tensor {
  const { type, data, quantization, shape } = tensor;
  if (quantization === null || type === 'float32') return tensor;
  if (data === null) return { ...tensor, type: 'float32', quantization: null };
  const { scales, zeroPoints, axis } = quantization;
  const integers = typedArray(type, data);
  const inner = elementCount(shape.slice(axis + 1));
  const values = Float32Array.from({ length: integers.length }, (_, at) => {
    const channel = scales.length === 1 ? 0 : Math.floor(at / inner) % scales.length;
    return (Number(integers[at]) - (zeroPoints[channel] ?? 0)) * (scales[channel] ?? 1);
  });
  return { ...tensor, type: 'float32', quantization: null, data: bytesOf(values) };
}
