import { type Measurement, measurementKey } from '../measurement.ts';
import { metricTable } from '../report/metrics.ts';
import { quantity } from '../report/numbers.ts';
import type { Acceptance, BudgetResult, Reason, Report, Row } from '../report/report.ts';
import { brokenBudget } from './budgets.ts';
import { isLowerBound, isWithin } from './metric.ts';

/** Somebody set the label that accepts what is over its budget, and it is still set. */
export interface LabelSet {
  /** Of the event: a label that was taken off and set again has another one. */
  readonly id: number;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly label: string;
}

/** The value of a broken budget. */
export type BrokenValue = Pick<Acceptance, 'model' | 'target' | 'metric' | 'bound' | 'value'>;

/** What the comment remembers from one run to the next. */
export interface AcceptanceRecord {
  /** The broken budgets that it shows. */
  readonly shown: readonly BrokenValue[];
  /** What the last label event that was seen stands for; null when the label was not set. */
  readonly accepted: { readonly event: number; readonly values: readonly BrokenValue[] } | null;
}

export interface AcceptanceSource {
  /** null: the label is not set. */
  readonly set: LabelSet | null;
  /** What the comment on this pull request remembers; null where there is no comment yet. */
  readonly record: AcceptanceRecord | null;
  /** Whether this run writes a comment, so that what is accepted now is remembered. */
  readonly isKept: boolean;
}

/**
 * The report with the broken budgets that somebody accepted, and what the comment is to remember. A label accepts the
 * values that the comment showed when it was set, or those of this report where there was no comment; whatever is worse
 * than them fails again. A wrong result, a fault, or a budget on what was not measured is never accepted. Whatever the
 * report says of acceptance already, e.g. one that comes from a stranger's pull request, counts for nothing.
 */
export function acceptRegressions(
  report: Report,
  source: AcceptanceSource,
): { readonly report: Report; readonly record: AcceptanceRecord } {
  const judged = withoutAcceptance(report);
  const shown = brokenValues(judged);
  const { set } = source;
  if (set === null) return { report: judged, record: { shown, accepted: null } };
  const values = acceptedValues(set, source, shown);
  return {
    report: applied(judged, set, values ?? [], values === null),
    // What is not remembered is not accepted: the next run finds the label as this one did.
    record: { shown, accepted: values === null ? null : { event: set.id, values } },
  };
}

/** The broken budgets of a report, by value. */
export function brokenValues({ rows }: Report): BrokenValue[] {
  return rows.flatMap(({ model, target, budgets }) =>
    budgets.flatMap(({ metric, bound, value, status }) =>
      (status === 'exceeded' || status === 'accepted') && value !== null
        ? [{ model, target, metric, bound, value }]
        : [],
    ),
  );
}

/** null: there is nothing that says what was accepted. */
function acceptedValues(
  set: LabelSet,
  { record, isKept }: AcceptanceSource,
  now: readonly BrokenValue[],
): readonly BrokenValue[] | null {
  if (record === null) return isKept ? now : null;
  return record.accepted?.event === set.id ? record.accepted.values : record.shown;
}

function applied(report: Report, set: LabelSet, values: readonly BrokenValue[], isUnknown: boolean): Report {
  const known = new Map(values.map((each) => [keyOf(each), each.value]));
  const accepted: Acceptance[] = [];
  const refusals = new Map<string, string>();
  const rows = report.rows.map((row): Row => {
    const budgets = row.budgets.map((budget): BudgetResult => {
      const { metric, bound, value, limit, status } = budget;
      if (status !== 'exceeded' || value === null || limit === null) return budget;
      const name = { model: row.model, target: row.target, metric, bound };
      const most = known.get(keyOf(name));
      if (most === undefined || !isWithin(metric, value, most)) {
        refusals.set(keyOf(name), isUnknown ? nothingShown(set) : refusal(budget, most, set));
        return budget;
      }
      const { by, at, label } = set;
      const message = sentence(budget, set);
      accepted.push({ ...name, value, limit, accepted: most, by, at, label, message });
      return { ...budget, status: 'accepted' };
    });
    return { ...row, budgets };
  });
  const isAccepted = new Set(accepted.map(keyOf));
  const reasons = report.verdict.reasons
    .filter((reason) => !isAccepted.has(reasonKey(reason)))
    .map((reason) => {
      const why = refusals.get(reasonKey(reason));
      return why === undefined ? reason : { ...reason, message: `${reason.message} ${why}` };
    });
  return withReasons({ ...report, rows, accepted }, reasons);
}

/** The report as it was judged: accepted budgets are broken ones again, with their reasons. */
function withoutAcceptance(report: Report): Report {
  const now = new Map(report.measurements.map((each) => [measurementKey(each), each]));
  const before = new Map(report.baselineMeasurements.map((each) => [measurementKey(each), each]));
  const measured = (from: Map<string, Measurement>, row: Row, name: string) =>
    from.get(measurementKey({ model: { name }, target: row.target })) ?? null;
  const restored: Reason[] = [];
  const rows = report.rows.map((row): Row => {
    const after = measured(now, row, row.model);
    const old = measured(before, row, row.renamedFrom ?? row.model);
    const budgets = row.budgets.map((budget): BudgetResult => {
      if (budget.status !== 'accepted') return budget;
      const broken: BudgetResult = { ...budget, status: 'exceeded' };
      const reason = after === null ? null : brokenBudget(old, after, broken);
      if (reason !== null) restored.push(reason);
      return broken;
    });
    return { ...row, budgets };
  });
  return withReasons({ ...report, rows, accepted: [] }, [...report.verdict.reasons, ...restored]);
}

function withReasons(report: Report, reasons: readonly Reason[]): Report {
  const failed = new Set(reasons.map(({ model, target }) => JSON.stringify([model, target])));
  return {
    ...report,
    verdict: { status: reasons.length === 0 ? 'pass' : 'fail', reasons: [...reasons] },
    rows: report.rows.map((row) => ({
      ...row,
      status: failed.has(JSON.stringify([row.model, row.target])) ? 'fail' : 'pass',
    })),
  };
}

function keyOf({ model, target, metric, bound }: Omit<BrokenValue, 'value'>): string {
  return JSON.stringify([model, target, metric, bound]);
}

function reasonKey({ kind, model, target, metric, bound }: Reason): string {
  return kind === 'budget' ? JSON.stringify([model, target, metric, bound]) : '';
}

/** `Flash of 59,544 B, 1,544 B over its budget: accepted by @who on 2026-11-24 (label accept-regression).` */
function sentence({ metric, value, limit }: BudgetResult, set: LabelSet): string {
  if (value === null || limit === null) return '';
  const how = isLowerBound(metric)
    ? `below its budget of ${quantity(metric, limit)}`
    : `${quantity(metric, value - limit)} over its budget`;
  return `${metricTable[metric].subject} of ${quantity(metric, value)}, ${how}: accepted by ${who(set)}.`;
}

function who({ by, at, label }: LabelSet): string {
  return `@${by} on ${at.slice(0, 10)} (label ${label})`;
}

function refusal({ metric }: BudgetResult, accepted: number | undefined, set: LabelSet): string {
  const what =
    accepted === undefined
      ? `This was not among what was accepted by ${who(set)}`
      : `Accepted was ${quantity(metric, accepted)}, by ${who(set)}`;
  return `${what}: to accept this too, take the label off and set it again.`;
}

function nothingShown({ label }: LabelSet): string {
  return `The label ${label} is set, but it accepts what the comment on the pull request shows, and there is none yet.`;
}
