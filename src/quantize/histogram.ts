/** Bins on each side of zero. At least half of those on the wider side are in use, 8 or more for each int8 step. */
const halfBins = 4096;

export interface Range {
  /** Real numbers: low ≤ 0 ≤ high. */
  readonly low: number;
  readonly high: number;
}

/**
 * A tensor's values over all samples, in equal bins whose span, a power of two, doubles when a value lies outside: one
 * pass is enough. Exact zeros, which ReLU makes in masses and int8 holds without error, are counted apart.
 */
export interface Histogram {
  counts: Uint32Array;
  /** The bins cover −limit to limit. */
  limit: number;
  zeros: number;
  total: number;
  min: number;
  max: number;
  /** Not a number, or infinite. */
  broken: number;
}

export function emptyHistogram(): Histogram {
  return {
    counts: new Uint32Array(2 * halfBins),
    limit: 2 ** -20,
    zeros: 0,
    total: 0,
    min: Infinity,
    max: -Infinity,
    broken: 0,
  };
}

export function addValues(histogram: Histogram, values: Float32Array): void {
  let { min, max } = histogram;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (value < min) min = value;
    if (value > max) max = value;
    // Neither infinite nor no number.
    if (!(value - value === 0)) histogram.broken += 1;
  }
  histogram.min = min;
  histogram.max = max;
  histogram.total += values.length;
  if (histogram.broken > 0) return;
  while (Math.max(-min, max) >= histogram.limit) widen(histogram);
  const { counts, limit } = histogram;
  const perUnit = halfBins / limit;
  let zeros = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (value === 0) zeros += 1;
    else {
      const bin = Math.floor(value * perUnit) + halfBins;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
  histogram.zeros += zeros;
}

function widen(histogram: Histogram): void {
  const { counts } = histogram;
  const wider = new Uint32Array(2 * halfBins);
  for (let bin = 0; bin < counts.length; bin++) {
    const to = (bin >> 1) + halfBins / 2;
    wider[to] = (wider[to] as number) + (counts[bin] as number);
  }
  histogram.counts = wider;
  histogram.limit *= 2;
}

/** Real value at the middle of a bin. */
export function middleOf({ limit }: Histogram, bin: number): number {
  return ((bin + 0.5 - halfBins) * limit) / halfBins;
}
