/**
 * Quantized arithmetic of ONNX as onnxruntime computes it: in float32, rounded to an integer once, halves to the even
 * neighbour. Exact in JavaScript: a product of two float32 numbers fits a double, and Math.fround rounds it as the
 * hardware does.
 */

/** round(x), halves to the even neighbour, as C's nearbyint() and numpy's rint(). Not-a-number stays. */
export function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const above = x - below;
  if (above !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** An int32 accumulator × a float32 multiplier: both rounded to float32, then the product to an integer. */
export function multiplyRoundedOnce(accumulator: number, multiplier: number): number {
  return roundHalfToEven(Math.fround(Math.fround(accumulator) * multiplier));
}

/** first scale × second scale ÷ output scale, in float32 (onnxruntime's output scale of QLinearConv and QLinearMatMul). */
export function productScale(first: number, second: number, output: number): number {
  return Math.fround(Math.fround(first * second) / output);
}

/** QuantizeLinear of a float32 number, before it is saturated; not-a-number gives the zero point. */
export function quantizeOnce(real: number, scale: number, zeroPoint: number): number {
  const rounded = roundHalfToEven(Math.fround(real / scale));
  return (Number.isNaN(rounded) ? 0 : Math.min(Math.max(rounded, -(2 ** 30)), 2 ** 30)) + zeroPoint;
}

/** DequantizeLinear: a float32 number. */
export function dequantizeOnce(value: number, scale: number, zeroPoint: number): number {
  return Math.fround((value - zeroPoint) * scale);
}

const word = new DataView(new ArrayBuffer(4));

/** The bits of a float32 number as an int32, as kernels hold multipliers of layers that round once. */
export function floatBits(x: number): number {
  word.setFloat32(0, x);
  return word.getInt32(0);
}

export function floatOfBits(bits: number): number {
  word.setInt32(0, bits);
  return word.getFloat32(0);
}
