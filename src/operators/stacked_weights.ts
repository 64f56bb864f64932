import { orderInBlock } from './wide_convolution.ts';

/** Weights of two outputs in one half-word, 256 a + b (`dot_stacked_dsp.h`). */

/** Half the difference of 32-bit sums tells a's sum only below this. */
const largestHigh = 2 ** 23;

/** Whether the kernel is exact for outputs with these largest accumulators and weights [outputs][size]. */
export function canStack(weights: Int8Array, bounds: readonly number[]): boolean {
  // −128 × 256 plus a negative number would leave the half-word.
  return bounds.every((bound) => bound < largestHigh) && !weights.includes(-128);
}

/**
 * Weights [outputs][size] in the order in which `atOnce` outputs are read together, four here: for each block of four inputs, filled up
 * with zeros, for its first and third input, then its second and fourth, a word for each two outputs. Then the same for each
 * two outputs that are left.
 */
export function stackedWeights(weights: Int8Array, outputs: number, atOnce: 2 | 4 = 4): Int8Array {
  const size = weights.length / outputs;
  const blocks = Math.ceil(size / 4);
  const bytes: number[] = [];
  const at = (output: number, input: number): number =>
    output < outputs && input < size ? (weights[output * size + input] as number) : 0;
  for (let first = 0; first < outputs; ) {
    const group = atOnce === 4 && first + 4 <= outputs ? 4 : 2;
    for (let block = 0; block < blocks; block += 1)
      for (const pair of [orderInBlock.slice(0, 2), orderInBlock.slice(2)])
        for (let output = first; output < first + group; output += 2)
          for (const input of pair) {
            const half = 256 * at(output, 4 * block + input) + at(output + 1, 4 * block + input);
            bytes.push(half & 0xff, (half >> 8) & 0xff);
          }
    first += group;
  }
  return Int8Array.from(bytes);
}
