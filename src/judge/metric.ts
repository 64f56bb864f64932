import type { Measurement } from '../measurement.ts';
import { metricTable } from '../report/metrics.ts';
import type { Bound, Metric } from '../report/report.ts';

/** What is shown and compared: bytes, instructions, estimated cycles and nJ, or percent; null where it was not measured. */
export function metricOf(measurement: Measurement, metric: Metric): number | null {
  return metricTable[metric].shown(measurement);
}

/** What a budget holds: of instructions those of the slowest input, of an estimate its upper end. */
export function budgetedValue(measurement: Measurement, metric: Metric): number | null {
  const { budgeted, shown } = metricTable[metric];
  return (budgeted ?? shown)(measurement);
}

/** Accuracy should be high, all else low. */
export function isLowerBound(metric: Metric): boolean {
  return metricTable[metric].better === 'more';
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
      const { memory } = metricTable[metric];
      if (memory === undefined) return { why: `${metricTable[metric].name} take no memory` };
      const room = part[memory];
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
