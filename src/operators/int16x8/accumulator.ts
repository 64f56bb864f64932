import { type ElementType, elementCount, type Tensor, typedArray } from '../../graph/graph.ts';
import { type FixedPointMultiplier, multiplyByQuantizedMultiplier } from '../fixed_point.ts';
import type { Constant } from '../operator.ts';
import { type Node, unsupported } from '../operator.ts';
import { requireType } from '../requirements.ts';

/**
 * Sums of int16 × int8 products and their way back to int16. With a bias of 64 bits, or none, TFLite Micro sums in 64
 * bits and multiplies by 15 bits of the multiplier, rounding once; with one of 32 bits it sums and rounds as for int8.
 */

/** A multiplier of at most 15 bits and the right shift behind it (TFLite's MultiplyByQuantizedMultiplier of int64). */
export interface ReducedMultiplier {
  readonly multiplier: number;
  readonly shift: number;
}

export function reducedMultiplier({ multiplier, shift }: FixedPointMultiplier): ReducedMultiplier {
  const reduced = multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
  return { multiplier: reduced, shift: 15 - shift };
}

/** floor(sum × multiplier / 2^shift + 1/2) as int32, for |sum| < 2⁴⁷. */
export function multiplyReduced(sum: number, { multiplier, shift }: ReducedMultiplier): number {
  if (shift < 16) {
    const product = BigInt(sum) * BigInt(multiplier) + (1n << BigInt(shift - 1));
    return Number(BigInt.asIntN(32, product >> BigInt(shift)));
  }
  // In two exact parts: the product may have 62 bits.
  const high = Math.floor(sum / 0x10000);
  const low = (sum - high * 0x10000) * multiplier;
  const half = 2 ** (shift - 1);
  const carried = Math.floor((low + (half % 0x10000)) / 0x10000) + Math.floor(half / 0x10000);
  return Math.floor((high * multiplier + carried) / 2 ** (shift - 16)) | 0;
}

/** Whether the sums are those of 32 bits: the bias says so. */
export function isNarrow(bias: Tensor | null): boolean {
  return bias?.type === 'int32';
}

/** A sum's way to the output's scale, before the clamp. */
export function requantized(sum: number, by: FixedPointMultiplier, narrow: boolean): number {
  return narrow
    ? multiplyByQuantizedMultiplier(sum | 0, by.multiplier, by.shift)
    : multiplyReduced(sum, reducedMultiplier(by));
}

/** Constant with one element per channel, of one of `types`, or absent. */
export function requireWideBias(
  node: Node,
  position: number,
  channels: number,
  types: readonly ElementType[],
): void {
  const bias = node.inputs[position];
  if (bias === undefined || bias === null) return;
  requireType(node, bias, types);
  if (bias.data === null || elementCount(bias.shape) !== channels)
    throw unsupported(
      node,
      `the bias is not a constant of ${channels} elements`,
      bias,
      'Export the model again with frozen weights.',
    );
}

/** The bias of each channel; zeros where there is none. Beyond 2⁵³ nothing is exact, nor of use. */
export function biasOf(bias: Tensor | null, channels: number): Float64Array {
  if (bias?.data == null) return new Float64Array(channels);
  return Float64Array.from(typedArray(bias.type, bias.data) as ArrayLike<number | bigint>, Number);
}

/** The largest absolute sum of each channel over all int16 inputs; weights [channels][size]. */
export function sumBounds(weights: ArrayLike<number>, bias: Float64Array): number[] {
  const size = weights.length / bias.length;
  return Array.from(bias, (value, channel) => {
    let sum = Math.abs(value);
    for (let i = 0; i < size; i += 1) sum += 32768 * Math.abs(weights[channel * size + i] as number);
    return sum;
  });
}

/**
 * How the kernel comes from a sum to an output. `high`: int32 sums, the upper word of one rounded product. `shifted`: int32
 * sums, one rounding, by a shift of its own for each channel. `wide`: the same of int64 sums. `double`: sums that wrap at 32
 * bits, rounded twice.
 */
export type Rounding16 = 'high' | 'shifted' | 'wide' | 'double';

export interface Requantization16 {
  readonly rounding: Rounding16;
  readonly constants: readonly Constant[];
}

/** As the C kernels number them (requantize_int16x8.h). */
export const roundingNumber: Readonly<Record<Rounding16, number>> = {
  high: 0,
  wide: 1,
  double: 2,
  shifted: 3,
};

/**
 * Bias and multiplier of each channel by the cheapest exact way, as the kernels read them: a word each; where the way is not
 * `high`, multiplier and right shift; and where sums are not of 32 bits, biases of two words, the lower one first.
 */
export function requantization16(
  multipliers: readonly FixedPointMultiplier[],
  bias: Tensor | null,
  weights: ArrayLike<number>,
  kernelHas: readonly Rounding16[] = ['high', 'wide', 'double'],
): Requantization16 {
  const biases = biasOf(bias, multipliers.length);
  const reduced = multipliers.map(reducedMultiplier);
  const fits = Math.max(...sumBounds(weights, biases)) < 2 ** 31;
  const rounding: Rounding16 = isNarrow(bias)
    ? 'double'
    : kernelHas.includes('high') && fits && reduced.every(({ shift }) => shift >= 16 && shift <= 32)
      ? 'high'
      : kernelHas.includes('shifted') && fits
        ? 'shifted'
        : 'wide';
  const words = (name: string, role: Constant['role'], values: readonly number[]): Constant => ({
    name,
    role,
    type: 'int32',
    values: Int32Array.from(values),
  });
  if (rounding === 'high')
    return {
      rounding,
      constants: [
        words('bias', 'weights', [...biases]),
        words(
          'multiplier',
          'table',
          reduced.map(({ multiplier, shift }) => multiplier * 2 ** (32 - shift)),
        ),
      ],
    };
  const pairs = multipliers.flatMap(({ multiplier, shift }, channel): readonly number[] => {
    const of = reduced[channel] as ReducedMultiplier;
    return rounding === 'double' ? [multiplier, -shift] : [of.multiplier, of.shift];
  });
  return {
    rounding,
    constants: [
      words(
        'bias',
        'weights',
        rounding === 'shifted'
          ? [...biases]
          : [...biases].flatMap((value) => [value | 0, Math.floor(value / 2 ** 32)]),
      ),
      words('multiplier', 'table', pairs),
    ],
  };
}
