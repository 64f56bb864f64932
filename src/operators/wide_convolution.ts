import { onceParameters, type Requantization } from './dot_product.ts';
import type { Constant } from './operator.ts';
import { floatBits, floatOfBits } from './single_rounding.ts';

/** Convolutions on cores with the DSP extension whose weights are half-words, and requantization by SMMLAR. */

/** Larger shifts would push the zero point out of a word. */
const largestShift = 22;

/** What each channel's outputs are scaled by; `shift` to the right, at least 1. */
export interface Scale {
  readonly multiplier: number;
  readonly rounding: number;
  readonly shift: number;
}

/**
 * The scale of each channel as `scale_dsp.h` has it; null where an accumulator or a shift is too large for it. A channel
 * whose accumulators, at most `bounds`, all round to nothing is the zero point.
 */
export function scalesOf(
  table: Requantization,
  bounds: readonly number[],
  outputZeroPoint: number,
): readonly Scale[] | null {
  if (table.wide) return null;
  if (table.once) return scalesOnce(table, bounds);
  const scales: Scale[] = [];
  for (const [channel, lessOne] of table.shift.entries()) {
    const isNothing = (bounds[channel] as number) < 2 ** lessOne;
    if (!isNothing && lessOne >= largestShift) return null;
    const power = isNothing ? 0 : lessOne;
    scales.push({
      multiplier: isNothing ? 0 : (table.multiplier[channel] as number),
      rounding: (2 * outputZeroPoint + 1) * 2 ** power,
      shift: power + 1,
    });
  }
  return scales;
}

/**
 * Of a graph that rounds once: the multiplier of a doubled accumulator as the bits of a float32 number, which its half is
 * exactly; the zero point is a parameter.
 */
function scalesOnce({ multiplier }: Requantization, bounds: readonly number[]): readonly Scale[] | null {
  if (bounds.some((bound) => bound >= 2 ** 29)) return null;
  return Array.from(multiplier, (bits) => ({
    multiplier: floatBits(floatOfBits(bits) / 2),
    rounding: 0,
    shift: 1,
  }));
}

/** Twice the sums, half the multipliers: the same products. */
export function doubledOnce({ fixedPoint: { exponent, shift } }: Requantization): Record<string, number> {
  const isFixed = exponent > 1 && shift > 0;
  return onceParameters(isFixed ? { exponent: exponent - 1, shift: shift - 1 } : { exponent: 0, shift: 0 });
}

/** For each pair of channels two doubled biases, multipliers, roundings, shifts; an odd last pair is filled with zeros. */
export function channelPairs(bias: Int32Array, scales: readonly Scale[]): Constant {
  const words: number[] = [];
  for (let first = 0; first < scales.length; first += 2) {
    const pair = scales.slice(first, first + 2);
    const both = (of: (scale: Scale, channel: number) => number): void => {
      words.push(...pair.map((scale, at) => of(scale, first + at)), ...(pair.length === 1 ? [0] : []));
    };
    both((_, channel) => 2 * (bias[channel] as number));
    both(({ multiplier }) => multiplier);
    both(({ rounding }) => rounding);
    both(({ shift }) => shift);
  }
  return { name: 'channels', role: 'table', type: 'int32', values: Int32Array.from(words) };
}

/** For each pair of channels two biases, two multipliers, and the shifts less one in one word; an odd last pair is filled with zeros. */
export function channelPairsInBytes(bias: Int32Array, scales: readonly Scale[]): Constant {
  const words: number[] = [];
  for (let first = 0; first < scales.length; first += 2) {
    const [one, other] = [scales[first], scales[first + 1]];
    words.push(bias[first] ?? 0, bias[first + 1] ?? 0, one?.multiplier ?? 0, other?.multiplier ?? 0);
    words.push(((one?.shift ?? 1) - 1) | (((other?.shift ?? 1) - 1) << 8));
  }
  return { name: 'channels', role: 'table', type: 'int32', values: Int32Array.from(words) };
}

/** In a block of four inputs a widened word holds the first and third, the next the second and fourth. */
export const orderInBlock = [0, 2, 1, 3] as const;

/**
 * Weights [channels][size] of channels `first` and the next one as the two are read together: for each block of four inputs
 * those of the first channel, then those of the second, filled up with zeros.
 */
export function pairedBlocks(
  weights: ArrayLike<number>,
  { channels, first }: { readonly channels: number; readonly first: number },
): number[] {
  const size = weights.length / channels;
  const packed: number[] = [];
  for (let block = 0; block < size; block += 4)
    for (const channel of [first, first + 1])
      for (const input of orderInBlock) {
        const isThere = channel < channels && block + input < size;
        packed.push(isThere ? (weights[channel * size + block + input] as number) : 0);
      }
  return packed;
}

/** Weights [channels][size], doubled, in the order in which two channels at a time read them. */
export function widenedWeights(weights: Int8Array, channels: number): Constant {
  const doubled = Int16Array.from(weights, (weight) => 2 * weight);
  const packed: number[] = [];
  for (let first = 0; first < channels; first += 2)
    for (const weight of pairedBlocks(doubled, { channels, first })) packed.push(weight);
  return { name: 'weights', role: 'weights', type: 'int16', values: Int16Array.from(packed) };
}
