import { bytesOf, type Quantization } from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from '../operators/fixed_point.ts';
import type { Range } from './histogram.ts';

/** How real numbers become integers. Scales are float32 values, as a .tflite holds them. */

/** Asymmetric int8 over a range that contains zero; zero is hit exactly. */
export function asymmetric({ low, high }: Range): Quantization {
  // A tensor of zeros only: any scale writes it.
  const scale = Math.fround((high - low) / 255) || 1;
  const zeroPoint = clamp(roundAwayFromZero(-128 - low / scale), -128, 127);
  return { scales: [scale], zeroPoints: [zeroPoint], axis: 0 };
}

/** A bias takes at most 2²⁸, which leaves the int32 accumulator room for the products. */
const largestBias = 2 ** 28;

/**
 * Symmetric scale of one channel's weights, −127 to 127. Where the bias would not fit an accumulator of that scale (a
 * channel of almost no weights), a larger one.
 */
export function symmetricScale(largest: number, bias: number, inputScale: number): number {
  return Math.fround(Math.max(largest / 127, Math.abs(bias) / (inputScale * largestBias))) || 1;
}

export function toInt8Bytes(values: ArrayLike<number>, scale: number, zeroPoint: number): Uint8Array {
  const low = -128;
  return bytesOf(
    Int8Array.from(values, (value) => clamp(roundAwayFromZero(value / scale) + zeroPoint, low, 127)),
  );
}

/** Each element to the nearest that the quantization can write, in place. */
export function roundToSteps(values: Float32Array, { scales, zeroPoints }: Quantization): void {
  const scale = scales[0] ?? 1;
  const zeroPoint = zeroPoints[0] ?? 0;
  const [low, high] = [-128 - zeroPoint, 127 - zeroPoint];
  for (let at = 0; at < values.length; at++) {
    const step = Math.round((values[at] as number) / scale);
    values[at] = (step < low ? low : step > high ? high : step) * scale;
  }
}
