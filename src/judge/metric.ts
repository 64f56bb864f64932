import type { Measurement } from '../measurement.ts';
import { metricTable } from '../report/metrics.ts';
import type { Bound, Metric } from '../report/report.ts';

/** What is shown and compared; null where it was not measured. A difference from the baseline is 0 for the baseline itself. */
export function changeOf(
  metric: Metric,
  before: Measurement | null,
  after: Measurement | null,
): { readonly before: number | null; readonly after: number | null } {
  const { shown, against } = metricTable[metric];
  if (against === undefined)
    return {
      before: before === null ? null : shown(before),
      after: after === null ? null : shown(after),
    };
  const found = after === null ? null : against(before, after);
  return found !== null && 'value' in found
    ? { before: 0, after: found.value }
    : { before: null, after: null };
}

/** What a budget holds: of instructions those of the slowest input, of an estimate its upper end. `why` there is nothing to compare with. */
export function budgetedValue(
  metric: Metric,
  before: Measurement | null,
  after: Measurement,
): { readonly value: number } | { readonly why: string } | null {
  const { budgeted, shown, against } = metricTable[metric];
  if (against !== undefined) return against(before, after);
  const value = (budgeted ?? shown)(after);
  return value === null ? null : { value };
}

/** Accuracy and scores should be high, all else low. */
export function isLowerBound(metric: Metric): boolean {
  return metricTable[metric].better === 'more';
}

/** The value that may just be reached, or why there is none to hold it against. */
export function resolveLimit(
  { metric, bound, amount }: { readonly metric: Metric; readonly bound: Bound; readonly amount: number },
  before: number | null,
  { part, answers }: Measurement,
): { readonly limit: number } | { readonly why: string } {
  switch (bound) {
    case 'limit':
      return { limit: amount };
    case 'change':
      if (before === null) return { why: notInBaseline };
      return { limit: isFraction(metric) ? decimal(before + amount) : before + amount };
    case 'percent':
      if (before === null) return { why: notInBaseline };
      if (isFraction(metric)) return { limit: decimal(before + (before * amount) / 100) };
      return { limit: before + Math.floor(Number(((before * amount) / 100).toPrecision(15))) };
    case 'share': {
      if (metricTable[metric].unit === 'samples')
        return { limit: Math.floor(Number((((answers?.samples ?? 0) * amount) / 100).toPrecision(15))) };
      if (part === null) return { why: 'a generic core has no memory of its own' };
      const { memory } = metricTable[metric];
      if (memory === undefined) return { why: `${metricTable[metric].name} take no memory` };
      const room = part[memory];
      return { limit: Math.floor(Number(((room * amount) / 100).toPrecision(15))) };
    }
  }
}

const notInBaseline = 'no baseline has it';

/** Not counted, but a decimal fraction. */
function isFraction(metric: Metric): boolean {
  const { unit } = metricTable[metric];
  return unit === 'percent' || unit === 'own';
}

/** Rounding takes back what binary fractions add. */
function decimal(value: number): number {
  return Number(value.toPrecision(11));
}

/** True where the value keeps to the limit; equal keeps to it. */
export function isWithin(metric: Metric, value: number, limit: number): boolean {
  const slack = isFraction(metric) ? 1e-10 * Math.abs(limit) : 0;
  return isLowerBound(metric) ? value >= limit - slack : value <= limit + slack;
}

/** True where `now` allows more than `before` did. */
export function isLooser(metric: Metric, before: number, now: number): boolean {
  return isLowerBound(metric) ? now < before : now > before;
}
