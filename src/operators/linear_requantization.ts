import { clamp, type FixedPointMultiplier, scaleAccumulator } from './fixed_point.ts';

/**
 * Requantization by one multiplication, one addition and one shift, proven equal to the graph's rounding. An int8 output
 * is a staircase over its accumulator: the line agrees with it everywhere if it does so on both sides of each of the at
 * most 255 steps, as both never fall.
 */

/**
 * output = clamp((⌊(accumulator + nudge) × multiplier / 2^split⌋ + offset − (accumulator + nudge < 0 ? tie : 0)) >> shift),
 * where for split 0 offset is the lower word of a 64-bit sum whose upper word is `high`, and the shift counts from there.
 */
export interface LinearRequantization {
  readonly multiplier: Int32Array;
  /** For split 0 unsigned words. */
  readonly offset: Int32Array;
  /** What ties away from zero cost below zero; all 0 where the line needs no bend. */
  readonly tie: Int32Array;
  /** To be added to the biases. */
  readonly nudge: Int32Array;
  readonly high: number;
  readonly split: number;
  readonly shift: number;
  /** The accumulator is first cut to this range; null: it need not be. */
  readonly cut: Interval | null;
}

export interface OutputRange {
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
}

/** A channel: its exact requantization, and the largest absolute accumulator that any int8 input can cause. */
export interface Channel {
  readonly exact: FixedPointMultiplier;
  readonly bound: number;
}

/** Products stay exact in a JavaScript number, and sums in int32. */
const largestProduct = 2 ** 52;
const largestBound = 2 ** 28;
const largestSum = 2 ** 30;
const largestShift = 22;

/**
 * The line for all channels, or null where none is proven. `long`: the core multiplies and adds to 64 bits; `halves`: it
 * multiplies to 32 bits only, so the multiplier is split at bit `split` into two.
 */
export function linearRequantization(
  channels: readonly Channel[],
  range: OutputRange,
  multiply: 'long' | 'halves',
): LinearRequantization | null {
  if (channels.some(({ exact, bound }) => bound >= largestBound || exact.multiplier <= 0)) return null;
  const staircases = channels.map((channel) => staircase(channel, range));
  const real = channels.map(({ exact }) => exact.multiplier * 2 ** (exact.shift - 31));
  const all = Math.max(...channels.map(({ bound }) => bound));
  // Beyond every channel's last step nothing changes: there the sums may be cut.
  const lowest = Math.min(
    ...staircases.map((steps) => Math.min(...steps.map((step) => step.accumulator - 1))),
  );
  const highest = Math.max(...staircases.map((steps) => Math.max(...steps.map((step) => step.accumulator))));
  const cuts = [
    { from: -all, to: all },
    { from: Math.max(-all, lowest >= 0 ? 0 : lowest), to: Math.min(all, highest) },
  ];
  const forms =
    multiply === 'long'
      ? [2 ** 31, 2 ** 30, 2 ** 29].map((limit) => longForm(limit, all, real, range))
      : cuts.map((cut, at) => halvesForm(cut, real, at > 0));
  for (const form of forms) {
    if (form === null) continue;
    const lines: Line[] = [];
    for (const [at, steps] of staircases.entries()) {
      const line = lineOf(steps, (real[at] as number) * 2 ** (form.levelBits + form.split), form);
      if (line === null) break;
      lines.push(line);
    }
    if (lines.length < channels.length) continue;
    const base = form.split === 0 ? form.window.from : 0;
    return {
      multiplier: Int32Array.from(lines, (line) => line.multiplier),
      offset: Int32Array.from(lines, ({ offset }) => (offset - base) | 0),
      tie: Int32Array.from(lines, ({ tie }) => tie),
      nudge: Int32Array.from(lines, ({ nudge }) => nudge),
      high: form.split === 0 ? base / 2 ** 32 : 0,
      split: form.split,
      shift: form.split === 0 ? form.levelBits - 32 : form.levelBits,
      cut: form.cut,
    };
  }
  return null;
}

function longForm(
  limit: number,
  bound: number,
  real: readonly number[],
  { zeroPoint }: OutputRange,
): Form | null {
  const steepest = Math.max(...real);
  const largest = Math.min(limit, largestProduct / (bound + 2));
  const shift = Math.min(largestShift, Math.floor(Math.log2((largest - 4) / steepest)) - 32);
  if (shift < 1) return null;
  const from = (zeroPoint + 0.5) * 2 ** (shift + 32);
  return { split: 0, levelBits: shift + 32, window: { from, to: from + 2 ** 32 - 1 }, cut: null };
}

function halvesForm(range: Interval, real: readonly number[], isCut: boolean): Form | null {
  const bound = Math.max(range.to, -range.from);
  const split = Math.min(16, Math.floor(Math.log2((2 ** 31 - 1) / bound)));
  const limit = Math.min(2 ** Math.min(split + 16, 31), (largestSum / bound) * 2 ** split);
  const shift = Math.min(largestShift, Math.floor(Math.log2((limit - 4) / Math.max(...real))) - split);
  if (shift < 1) return null;
  return {
    split,
    levelBits: shift,
    window: { from: -largestSum, to: largestSum },
    cut: isCut ? range : null,
  };
}

/** The smallest accumulator whose output is at least `output`; first and last are those of the channel's range. */
interface Step {
  readonly output: number;
  readonly accumulator: number;
  readonly isReached: boolean;
  readonly isLeft: boolean;
}

function staircase({ exact, bound }: Channel, { zeroPoint, min, max }: OutputRange): Step[] {
  const outputOf = (accumulator: number): number =>
    clamp(scaleAccumulator(accumulator, exact) + zeroPoint, min, max);
  const real = exact.multiplier * 2 ** (exact.shift - 31);
  const steps: Step[] = [];
  for (let output = min + 1; output <= max; output += 1) {
    let accumulator = clamp(Math.round((output - zeroPoint - 0.5) / real), -bound, bound + 1);
    while (accumulator > -bound && outputOf(accumulator - 1) >= output) accumulator -= 1;
    while (accumulator <= bound && outputOf(accumulator) < output) accumulator += 1;
    steps.push({ output, accumulator, isReached: accumulator <= bound, isLeft: accumulator > -bound });
  }
  return steps;
}

interface Line {
  readonly multiplier: number;
  readonly offset: number;
  readonly tie: number;
  readonly nudge: number;
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

interface Form {
  readonly split: number;
  /** One output level is 2^levelBits. */
  readonly levelBits: number;
  /** What the offset may be, the tie taken off it too. */
  readonly window: Interval;
  readonly cut: Interval | null;
}

function lineOf(steps: readonly Step[], ideal: number, form: Form): Line | null {
  const nearest = Math.round(ideal);
  for (const distance of [0, 1, -1, 2, -2, 3, -3])
    for (const nudge of form.split === 0 ? [0, -1, 1, -2, -3] : [0]) {
      const line = nearest + distance < 1 ? null : lineWith(nearest + distance, nudge, steps, form);
      if (line !== null) return line;
    }
  return null;
}

function lineWith(
  multiplier: number,
  nudge: number,
  steps: readonly Step[],
  { split, levelBits, window }: Form,
): Line | null {
  // Offsets that put both sides of each step right: for accumulators from 0 up, and below.
  const above = { ...window };
  const below = { ...window };
  for (const { output, accumulator, isReached, isLeft } of steps) {
    const level = output * 2 ** levelBits;
    const product = (at: number): number => Math.floor(((at + nudge) * multiplier) / 2 ** split);
    if (isReached) {
      const side = accumulator + nudge >= 0 ? above : below;
      side.from = Math.max(side.from, level - product(accumulator));
    }
    if (isLeft) {
      const side = accumulator - 1 + nudge >= 0 ? above : below;
      side.to = Math.min(side.to, level - 1 - product(accumulator - 1));
    }
  }
  if (above.from > above.to || below.from > below.to) return null;
  const from = Math.max(above.from, below.from);
  const to = Math.min(above.to, below.to);
  if (from <= to) return { multiplier, nudge, offset: middle(from, to), tie: 0 };
  const offset = middle(above.from, above.to);
  const tie = offset - middle(below.from, below.to);
  return tie < 0 || tie >= 2 ** 31 ? null : { multiplier, nudge, offset, tie };
}

function middle(from: number, to: number): number {
  return from + Math.floor((to - from) / 2);
}
