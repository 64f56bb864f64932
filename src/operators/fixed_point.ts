/**
 * The 32-bit fixed-point arithmetic of the TFLite int8 reference kernels (gemmlowp's definitions), exact,
 * on JavaScript numbers that hold int32 values. No BigInt: these run once per output element.
 */

import { multiplyRoundedOnce } from './single_rounding.ts';

export const int32Max = 2147483647;
export const int32Min = -2147483648;

/**
 * round(a × b / 2³¹), ties upwards, for int32 a and b; saturates for a = b = −2³¹.
 * gemmlowp's SaturatingRoundingDoublingHighMul: its truncating division with a nudge of the product's sign
 * is this floor. The 64-bit product is taken in two exact parts, by the 16-bit halves of b.
 */
export function highMultiply(a: number, b: number): number {
  if (a === int32Min && b === int32Min) return int32Max;
  const high = a * (b >> 16);
  const low = a * (b & 0xffff) + 0x40000000;
  return Math.floor((high + Math.floor(low / 65536)) / 32768);
}

/** round(x / 2^exponent), ties away from zero, for 0 ≤ exponent ≤ 31 (gemmlowp's RoundingDivideByPOT). */
export function roundingShiftRight(x: number, exponent: number): number {
  if (exponent === 0) return x;
  const mask = (2 ** exponent - 1) | 0;
  const remainder = x & mask;
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/** x × 2^exponent, saturated to int32, for 0 ≤ exponent ≤ 31. */
export function saturatingShiftLeft(x: number, exponent: number): number {
  const shifted = x * 2 ** exponent;
  return clamp(shifted, int32Min, int32Max);
}

/** A real multiplier as multiplier × 2^(shift − 31). */
export interface FixedPointMultiplier {
  /** int32, Q31: in [2³⁰, 2³¹) or 0; negative for a negative real multiplier. */
  readonly multiplier: number;
  /** Power of two: positive shifts left before the multiplication, negative right after it. */
  readonly shift: number;
  /** The float32 multiplier of a graph that rounds once: then this alone counts, the others are close to it. */
  readonly once?: number;
}

/** An accumulator × a multiplier, rounded to an integer as the graph rounds. */
export function scaleAccumulator(x: number, { multiplier, shift, once }: FixedPointMultiplier): number {
  return once === undefined
    ? multiplyByQuantizedMultiplier(x, multiplier, shift)
    : multiplyRoundedOnce(x, once);
}

/** A real multiplier for a graph that rounds once. */
export function multiplierOnce(real: number): FixedPointMultiplier {
  return { ...quantizeMultiplier(real), once: Math.fround(real) };
}

/**
 * x × multiplier with TFLite Micro's double rounding: the high multiply rounds once, the right shift again.
 * The left shift wraps at 32 bits as the reference does on two's complement machines.
 */
export function multiplyByQuantizedMultiplier(x: number, multiplier: number, shift: number): number {
  return shift > 0
    ? highMultiply(x << shift, multiplier)
    : roundingShiftRight(highMultiply(x, multiplier), -shift);
}

/** round(x), ties away from zero, as C's round(). */
export function roundAwayFromZero(x: number): number {
  return x < 0 ? -Math.floor(-x + 0.5) : Math.floor(x + 0.5);
}

/** x = fraction × 2^exponent with 0.5 ≤ |fraction| < 1, as C's frexp(); zero gives zero. */
export function splitExponent(x: number): { readonly fraction: number; readonly exponent: number } {
  if (x === 0 || !Number.isFinite(x)) return { fraction: x, exponent: 0 };
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let fraction = x * 2 ** -exponent;
  // log2 may be off by one next to a power of two, and subnormal numbers start too high.
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent -= 1;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent += 1;
  }
  return { fraction, exponent };
}

/** The Q31 multiplier nearest to a real one; below 2⁻³² it becomes 0 (TFLite's QuantizeMultiplier). */
export function quantizeMultiplier(real: number): FixedPointMultiplier {
  const { fraction, exponent } = splitExponent(real);
  let multiplier = roundAwayFromZero(fraction * 2 ** 31);
  let shift = exponent;
  if (multiplier === 2 ** 31) {
    multiplier = 2 ** 30;
    shift += 1;
  }
  if (multiplier === 0 || shift < -31) return { multiplier: 0, shift: 0 };
  return { multiplier, shift };
}

export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** An int32 brought to int8 range. */
export function toInt8(x: number): number {
  return clamp(x, -128, 127);
}
