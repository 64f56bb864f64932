import { bytesOf, type Quantization } from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from '../operators/fixed_point.ts';
import type { Range } from './histogram.ts';

/** How real numbers become integers. Scales are float32 values, as a .tflite holds them. */

/** What activations are rounded to. */
export type IntegerType = 'int8' | 'int16';

const limits: Readonly<Record<IntegerType, readonly [number, number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
};

/** Asymmetric int8 over a range that contains zero; zero is hit exactly. */
export function asymmetric({ low, high }: Range): Quantization {
  // A tensor of zeros only: any scale writes it.
  const scale = Math.fround((high - low) / 255) || 1;
  const zeroPoint = clamp(roundAwayFromZero(-128 - low / scale), -128, 127);
  return { scales: [scale], zeroPoints: [zeroPoint], axis: 0 };
}

/** int16 around zero, as the TFLite 16x8 specification demands. */
export function symmetric({ low, high }: Range): Quantization {
  const scale = Math.fround(Math.max(-low, high) / 32767) || 1;
  return { scales: [scale], zeroPoints: [0], axis: 0 };
}

/**
 * A bias takes at most so much. int8: leaves the int32 accumulator room for the products. int16: sums of 64 bits, exact
 * below 2⁴⁷.
 */
const largestBias: Readonly<Record<IntegerType, number>> = { int8: 2 ** 28, int16: 2 ** 40 };

/**
 * Symmetric scale of one channel's weights, −127 to 127. Where the bias would not fit an accumulator of that scale (a
 * channel of almost no weights), a larger one. `activations`: the type of the input.
 */
export function symmetricScale(
  largest: number,
  bias: number,
  inputScale: number,
  activations: IntegerType = 'int8',
): number {
  const forBias = Math.abs(bias) / (inputScale * largestBias[activations]);
  return Math.fround(Math.max(largest / 127, forBias)) || 1;
}

export function toIntegerBytes(
  values: ArrayLike<number>,
  type: IntegerType,
  { scales, zeroPoints }: Quantization,
): Uint8Array {
  const [scale = 1, zeroPoint = 0] = [scales[0], zeroPoints[0]];
  const [low, high] = limits[type];
  const integer = (value: number) => clamp(roundAwayFromZero(value / scale) + zeroPoint, low, high);
  return bytesOf(type === 'int8' ? Int8Array.from(values, integer) : Int16Array.from(values, integer));
}

/** Each element to the nearest that the quantization can write, in place. */
export function roundToSteps(
  values: Float32Array,
  { scales, zeroPoints }: Quantization,
  type: IntegerType,
): void {
  const scale = scales[0] ?? 1;
  const zeroPoint = zeroPoints[0] ?? 0;
  const [lowest, highest] = limits[type];
  const [low, high] = [lowest - zeroPoint, highest - zeroPoint];
  for (let at = 0; at < values.length; at++) {
    const step = Math.round((values[at] as number) / scale);
    values[at] = (step < low ? low : step > high ? high : step) * scale;
  }
}
