/** The logistic function and tanh between the points of one table, as TensorFlow Lite Micro's int16 kernels compute them. */

/** Points that the reference's table has one higher than the rounded function. */
const raised: ReadonlySet<number> = new Set([
  4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45,
  46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
]);

/** The logistic function of i / 24, Q16 (TFLite's sigmoid_table_uint16). */
export const sigmoidTable: readonly number[] = Array.from(
  { length: 256 },
  (_, at) => Math.round(65536 / (1 + Math.exp(-at / 24))) + (raised.has(at) ? 1 : 0),
);

/** Saturated beyond the table's end. */
const tableEnd = 255;

function between(magnitude: number, bits: number, beyond: number): number {
  const index = magnitude >>> bits;
  if (index >= tableEnd) return beyond;
  const [from, to] = [sigmoidTable[index] as number, sigmoidTable[index + 1] as number];
  return from * 2 ** bits + (magnitude % 2 ** bits) * (to - from);
}

/** 1 / (1 + exp(−x)), Q0.15; x in 1/(3 × 4096). */
export function logisticOf(x: number): number {
  const result = between(Math.abs(x), 9, 0x7fff * 2 ** 10);
  return ((x >= 0 ? result + 2 ** 9 : 2 ** 25 - result + 2 ** 9 - 1) >>> 10) | 0;
}

/** tanh(x) = 2 / (1 + exp(−2x)) − 1, Q0.15; x in 1/(3 × 4096). */
export function tanhOf(x: number): number {
  const half = between(Math.abs(x), 8, 0xffff * 2 ** 8) - 2 ** 23;
  return (x >= 0 ? half + 2 ** 7 : -half + 2 ** 7 - 1) >> 8;
}
