import type { Measurement } from '../measurement.ts';
import type { Bound, Metric } from '../report/report.ts';

/** What is shown and compared: bytes, instructions, estimated cycles and nJ, or percent; null where it was not measured. */
export function metricOf(measurement: Measurement, metric: Metric): number | null {
  switch (metric) {
    case 'flash':
      return measurement.flash.total;
    case 'ram':
      return measurement.ram.total;
    case 'stack':
      return measurement.ram.stack;
    case 'instructions':
      return measurement.instructions?.total ?? null;
    case 'cycles':
      return measurement.cycles?.estimate ?? null;
    case 'energy':
      return measurement.energy?.estimate ?? null;
    case 'accuracy': {
      const score = measurement.verification?.accuracy ?? null;
      return score === null || score.samples === 0 ? null : (100 * score.correct) / score.samples;
    }
  }
}

/**
 * What a budget holds: of instructions those of the slowest input that was run, since some kernels take longer on some
 * values; of an estimate its upper end.
 */
export function budgetedValue(measurement: Measurement, metric: Metric): number | null {
  switch (metric) {
    case 'instructions':
      return measurement.instructions?.max ?? null;
    case 'cycles':
      return measurement.cycles?.high ?? null;
    case 'energy':
      return measurement.energy?.high ?? null;
    default:
      return metricOf(measurement, metric);
  }
}

/** Accuracy should be high, all else low. */
export function isLowerBound(metric: Metric): boolean {
  return metric === 'accuracy';
}

/** The value that may just be reached, or why there is none to hold it against. */
export function resolveLimit(
  { metric, bound, amount }: { readonly metric: Metric; readonly bound: Bound; readonly amount: number },
  before: number | null,
  part: Measurement['part'],
): { readonly limit: number } | { readonly why: string } {
  switch (bound) {
    case 'limit':
      return { limit: amount };
    case 'change':
      if (before === null) return { why: notInBaseline };
      // Points of accuracy are decimal fractions: rounding takes back what binary ones add.
      return { limit: isLowerBound(metric) ? Math.round((before + amount) * 1e9) / 1e9 : before + amount };
    case 'percent':
      if (before === null) return { why: notInBaseline };
      return { limit: before + Math.floor(Number(((before * amount) / 100).toPrecision(15))) };
    case 'share': {
      if (part === null) return { why: 'a generic core has no memory of its own' };
      const room = metric === 'flash' ? part.flashBytes : part.ramBytes;
      return { limit: Math.floor(Number(((room * amount) / 100).toPrecision(15))) };
    }
  }
}

const notInBaseline = 'no baseline has it';

/** True where the value keeps to the limit; equal keeps to it. */
export function isWithin(metric: Metric, value: number, limit: number): boolean {
  return isLowerBound(metric) ? value >= limit - 1e-9 : value <= limit;
}

/** True where `now` allows more than `before` did. */
export function isLooser(metric: Metric, before: number, now: number): boolean {
  return isLowerBound(metric) ? now < before : now > before;
}
