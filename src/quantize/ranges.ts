import { type Histogram, middleOf, type Range } from './histogram.ts';

/** How the range that int8 covers is chosen from the values that calibration saw. */
export const rangeMethods = ['min-max', 'percentile', 'mse'] as const;
export type RangeMethod = (typeof rangeMethods)[number];

/** The part of all values that a percentile range keeps inside on each side. */
const keptByPercentile = 0.9999;

/** Candidates for each end of the range that mean-squared error tries. */
const mseSteps = 128;

const int8Steps = 255;

/** The range of real values that int8 is to cover; it always contains zero, which int8 then holds exactly. */
export function rangeOf(method: RangeMethod, histogram: Histogram): Range {
  const whole = { low: Math.min(0, histogram.min), high: Math.max(0, histogram.max) };
  switch (method) {
    case 'min-max':
      return whole;
    case 'percentile':
      return percentileRange(histogram, whole);
    case 'mse':
      return leastErrorRange(histogram, whole);
  }
}

function percentileRange(histogram: Histogram, { low, high }: Range): Range {
  const allowed = (1 - keptByPercentile) * histogram.total;
  const { counts } = histogram;
  let below = 0;
  let first = 0;
  while (first < counts.length && below + (counts[first] as number) <= allowed)
    below += counts[first++] as number;
  let above = 0;
  let last = counts.length - 1;
  while (last >= 0 && above + (counts[last] as number) <= allowed) above += counts[last--] as number;
  return {
    low: Math.max(low, Math.min(0, middleOf(histogram, first))),
    high: Math.min(high, Math.max(0, middleOf(histogram, last))),
  };
}

/**
 * Least Σ (clipping error)² + step² / 12 over all values, by prefix sums over the bins: each candidate costs a look-up.
 */
function leastErrorRange(histogram: Histogram, whole: Range): Range {
  const { counts, total, zeros } = histogram;
  const number = new Float64Array(counts.length + 1);
  const sum = new Float64Array(counts.length + 1);
  const squares = new Float64Array(counts.length + 1);
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number;
    const middle = middleOf(histogram, bin);
    number[bin + 1] = (number[bin] as number) + count;
    sum[bin + 1] = (sum[bin] as number) + count * middle;
    squares[bin + 1] = (squares[bin] as number) + count * middle * middle;
  }
  const binAt = (value: number) =>
    Math.min(
      counts.length,
      Math.max(0, Math.floor((value / histogram.limit) * (counts.length / 2)) + counts.length / 2),
    );
  /** Σ count × (middle − edge)² of the bins from `from` to before `to`. */
  const clipped = (edge: number, from: number, to: number) =>
    (squares[to] as number) -
    (squares[from] as number) -
    2 * edge * ((sum[to] as number) - (sum[from] as number)) +
    edge * edge * ((number[to] as number) - (number[from] as number));
  const errorOf = (low: number, high: number): number => {
    const [first, last] = [binAt(low), Math.min(counts.length, binAt(high) + 1)];
    const step = (high - low) / int8Steps;
    const inside = Math.min(total - zeros, (number[last] as number) - (number[first] as number));
    return (
      (inside * step * step) / 12 +
      (low < whole.low || first === 0 ? 0 : clipped(low, 0, first)) +
      clipped(high, last, counts.length)
    );
  };
  let best = whole;
  let least = errorOf(whole.low, whole.high);
  for (let lowStep = mseSteps; lowStep >= 0; lowStep--) {
    if (whole.low === 0 && lowStep < mseSteps) break;
    for (let highStep = mseSteps; highStep >= 0; highStep--) {
      if (whole.high === 0 && highStep < mseSteps) break;
      const [low, high] = [(whole.low * lowStep) / mseSteps, (whole.high * highStep) / mseSteps];
      const error = high > low ? errorOf(low, high) : Infinity;
      if (error < least) {
        best = { low, high };
        least = error;
      }
    }
  }
  return best;
}
