import { bytesOf, type Quantization, type Tensor, typedArray } from '../graph/graph.ts';
import { dequantizeOnce, roundHalfToEven } from '../operators/single_rounding.ts';
import type { Steps } from './constant.ts';

/** Dequantized constants as the integers that they were. */

/** The numbers that dequantize to just these values; null where one does not. */
export function scaledTensor(values: Float32Array, { scales, zeroPoints }: Quantization): Int8Array | null {
  const [scale = 1] = scales;
  const [zeroPoint = 0] = zeroPoints;
  const numbers = new Int8Array(values.length);
  for (const [at, value] of values.entries()) {
    const number = Math.round(value / scale) + zeroPoint;
    if (number < -128 || number > 127 || dequantizeOnce(number, scale, zeroPoint) !== value) return null;
    numbers[at] = number;
  }
  return numbers;
}

/** int8 weights with one scale, or one for each index of `axis`; null where they are not such. */
export function integerWeights(
  weights: Tensor,
  { scales }: Steps,
  axis: number,
): { readonly data: Uint8Array; readonly quantization: Quantization } | null {
  if (weights.data === null) return null;
  const channels = weights.shape[axis] ?? 1;
  if (scales.length !== 1 && scales.length !== channels) return null;
  const values = typedArray('float32', weights.data) as Float32Array;
  const inner = weights.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const numbers = new Int8Array(values.length);
  for (const [at, value] of values.entries()) {
    const channel = scales.length === 1 ? 0 : Math.floor(at / inner) % channels;
    const scale = scales[channel] as number;
    const number = Math.round(value / scale);
    if (number < -128 || number > 127 || dequantizeOnce(number, scale, 0) !== value) return null;
    numbers[at] = number;
  }
  return {
    data: bytesOf(numbers),
    quantization: { scales, zeroPoints: scales.map(() => 0), axis: scales.length === 1 ? 0 : axis },
  };
}

/**
 * An int32 bias in the scale of the accumulators, one or one for each channel: the file's own integers where they have that
 * scale; else the nearest ones, at most half an accumulator away. null beyond 32 bits.
 */
export function integerBias(
  bias: Tensor,
  steps: Steps | undefined,
  scales: readonly number[],
): Uint8Array | null {
  if (bias.data === null) return null;
  const values = typedArray('float32', bias.data) as Float32Array;
  const result = new Int32Array(values.length);
  for (const [at, value] of values.entries()) {
    const scale = scales[scales.length === 1 ? 0 : at] as number;
    const given = steps?.scales[steps.scales.length === 1 ? 0 : at];
    const isOwn =
      given !== undefined &&
      steps?.integers.length === values.length &&
      Math.abs(given - scale) <= 1e-6 * scale;
    const number = isOwn ? (steps.integers[at] as number) : roundHalfToEven(value / scale);
    if (!(Math.abs(number) < 2 ** 31)) return null;
    result[at] = number;
  }
  return bytesOf(result);
}
