import type { AddMultipliers } from './elementwise.ts';
import { clamp, multiplyByQuantizedMultiplier } from './fixed_point.ts';
import type { OutputRange } from './linear_requantization.ts';

/**
 * ADD by one line: output = clamp((a × first + b × second + offset) >> shift), all in 32 bits, proven equal to TFLite's
 * three roundings for each of the 65,536 pairs of inputs.
 */
export interface SumLine {
  readonly first: number;
  readonly second: number;
  readonly offset: number;
  readonly shift: number;
}

export interface SumInputs {
  readonly zeroPoints: readonly [first: number, second: number];
  readonly multipliers: AddMultipliers;
}

const bytes = Array.from({ length: 256 }, (_, at) => at - 128);
const largestSum = 2 ** 31 - 1;
/** Multipliers next to the nearest ones, which may tell ties apart. */
const distances = [0, 1, -1, 2, -2, 4, -4, 8, -8, 16, -16];

/** What TFLite computes for a pair, before it is clamped. */
function exactSum(
  { zeroPoints, multipliers }: SumInputs,
  output: OutputRange,
): (a: number, b: number) => number {
  const { leftShift, first, second, output: scale } = multipliers;
  const term = (at: 0 | 1, { multiplier, shift }: { multiplier: number; shift: number }) =>
    bytes.map((value) =>
      multiplyByQuantizedMultiplier((value - zeroPoints[at]) << leftShift, multiplier, shift),
    );
  const terms = [term(0, first), term(1, second)] as const;
  return (a, b) => {
    const sum = ((terms[0][a + 128] as number) + (terms[1][b + 128] as number)) | 0;
    return multiplyByQuantizedMultiplier(sum, scale.multiplier, scale.shift) + output.zeroPoint;
  };
}

/** The line, or null where none is found. */
export function sumLine(inputs: SumInputs, output: OutputRange): SumLine | null {
  const { leftShift, first, second, output: scale } = inputs.multipliers;
  const real = [first, second].map(
    ({ multiplier, shift }) =>
      multiplier * 2 ** (shift - 31 + leftShift) * scale.multiplier * 2 ** (scale.shift - 31),
  ) as [number, number];
  const exact = exactSum(inputs, output);
  return lineThroughPairs((a, b) => clamp(exact(a, b), output.min, output.max), real, output);
}

/** The same for any answers to pairs of int8, already clamped, that rise by about these slopes. */
export function lineThroughPairs(
  answer: (a: number, b: number) => number,
  real: readonly [number, number],
  output: Pick<OutputRange, 'min' | 'max'>,
): SumLine | null {
  const steepness = Math.abs(real[0]) + Math.abs(real[1]);
  const most = Math.min(24, Math.floor(Math.log2(largestSum / (128 * steepness))));
  const wanted = Int16Array.from({ length: 65_536 }, (_, at) =>
    answer(bytes[at >> 8] as number, bytes[at & 255] as number),
  );
  for (const shift of [most, most - 1])
    for (const one of distances)
      for (const other of distances) {
        const multipliers = [
          Math.round(real[0] * 2 ** shift) + one,
          Math.round(real[1] * 2 ** shift) + other,
        ] as const;
        const line = shift < 1 ? null : lineWith(multipliers, shift, wanted, output);
        if (line !== null) return line;
      }
  return null;
}

/** The offsets that put every pair on its own step, if there are any. */
function lineWith(
  [first, second]: readonly [number, number],
  shift: number,
  wanted: Int16Array,
  { min, max }: Pick<OutputRange, 'min' | 'max'>,
): SumLine | null {
  const step = 2 ** shift;
  let from = -largestSum;
  let to = largestSum;
  for (let at = 0; at < wanted.length; at += 1) {
    const output = wanted[at] as number;
    const sum = ((at >> 8) - 128) * first + ((at & 255) - 128) * second;
    if (output > min) from = Math.max(from, output * step - sum);
    if (output < max) to = Math.min(to, (output + 1) * step - 1 - sum);
    if (from > to) return null;
  }
  const offset = Math.floor((from + to) / 2);
  const reach = 128 * (Math.abs(first) + Math.abs(second)) + Math.abs(offset);
  return reach > largestSum ? null : { first, second, offset, shift };
}
