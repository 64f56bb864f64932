import type { Measurement } from '../measurement.ts';
import type { Budget } from '../project/project.ts';
import { metricTable } from '../report/metrics.ts';
import { grouped, isSize, kibibytes, quantity, share } from '../report/numbers.ts';
import type { BudgetResult, Cause, Metric, Notice, Reason } from '../report/report.ts';
import { causeSentence, causesOf } from './causes.ts';
import { budgetedValue, isLooser, isLowerBound, isWithin, resolveLimit } from './metric.ts';

/** One budget against what was measured, before and now. */
export function checkBudget(
  before: Measurement | null,
  after: Measurement,
  budget: Budget,
  configFile: string | null,
): BudgetResult {
  const { metric, bound, amount, written } = budget;
  const found = budgetedValue(metric, before, after);
  const value = found !== null && 'value' in found ? found.value : null;
  const resolved = resolveLimit(budget, before === null ? null : baselineValue(before, metric), after);
  const limit = 'limit' in resolved ? resolved.limit : null;
  const [status, why] =
    found === null
      ? (['unknown', 'it was not measured'] as const)
      : 'why' in found
        ? (['unchecked', found.why] as const)
        : 'why' in resolved
          ? (['unchecked', resolved.why] as const)
          : ([isWithin(metric, found.value, resolved.limit) ? 'within' : 'exceeded', ''] as const);
  return {
    metric,
    bound,
    amount,
    written,
    limit,
    value,
    status,
    why,
    file: configFile,
    line: configFile === null ? null : budget.line,
  };
}

/** What growth is counted from. */
function baselineValue(before: Measurement, metric: Metric): number | null {
  const found = budgetedValue(metric, null, before);
  return found !== null && 'value' in found ? found.value : null;
}

/** Why a budget makes the verdict negative; null where it doesn't. */
export function brokenBudget(
  before: Measurement | null,
  after: Measurement,
  budget: BudgetResult,
): Reason | null {
  if (budget.status !== 'exceeded' && budget.status !== 'unknown') return null;
  const causes = budget.status === 'unknown' ? [] : causesOf(budget.metric, before, after);
  return {
    kind: 'budget',
    model: after.model.name,
    target: after.target,
    metric: budget.metric,
    bound: budget.bound,
    message: sentence(budget, causes),
    causes,
    file: budget.file,
    line: budget.line,
  };
}

function sentence({ metric, bound, value, limit, written }: BudgetResult, causes: readonly Cause[]): string {
  const { subject, hint } = metricTable[metric];
  if (value === null || limit === null) {
    return `${subject} was not measured, so its budget of ${written} could not be checked: ${hint}.`;
  }
  const than = `budget of ${quantity(metric, limit)}${origin(metric, bound, written)}`;
  if (isLowerBound(metric))
    return `${subject} of ${quantity(metric, value)} is below its ${than}.${causeSentence(metric, causes)}`;
  if (metricTable[metric].unit === 'samples')
    return `${subject} is ${grouped(value)}, ${grouped(value - limit)} over its ${than}.${causeSentence(metric, causes)}`;
  const overShare = share(value - limit, limit);
  const over = `${quantity(metric, value - limit)}${overShare === '' ? '' : ` (${overShare})`}`;
  const exact = quantity(metric, limit);
  const inKiB = kibibytes(limit);
  const rounded = !isSize(metric) || bound !== 'limit' || inKiB === exact ? '' : ` (${inKiB})`;
  return `${subject} of ${quantity(metric, value)} is ${over} over its budget of ${exact}${rounded}${origin(metric, bound, written)}.${causeSentence(metric, causes)}`;
}

/** From what a limit was worked out. */
function origin(metric: Metric, bound: BudgetResult['bound'], written: string): string {
  if (bound === 'limit') return '';
  return bound === 'share' ? `, ${written} ${wholeOf(metric)}` : `, the baseline ${signedText(written)}`;
}

/** What a share is a share of. */
function wholeOf(metric: Metric): string {
  return metricTable[metric].unit === 'samples' ? 'of the samples' : 'of the part';
}

/** `1 KiB` → `+1 KiB`: with the sign that may be left out. */
function signedText(written: string): string {
  return /^[+\-−]/.test(written) ? written : `+${written}`;
}

/** A model on a target, for messages about several at once. */
type RowName = Notice['rows'][number];

/** What is said once for all rows that it is true of. */
export interface RowNotice {
  readonly row: RowName;
  readonly notice: Omit<Notice, 'rows'>;
}

/** What could not be checked, in one notice for each reason. */
export function uncheckedNotices(row: RowName, budgets: readonly BudgetResult[]): RowNotice[] {
  const unchecked = budgets.filter(({ status }) => status === 'unchecked');
  return [...new Set(unchecked.map(({ why }) => why))].map((why) => {
    const [first, ...others] = unchecked.filter((budget) => budget.why === why);
    const list = [first, ...others].flatMap((budget) =>
      budget === undefined
        ? []
        : [`${metricTable[budget.metric].name} ${boundText(budget.metric, budget.bound, budget.written)}`],
    );
    return {
      row,
      notice: {
        kind: 'unchecked-budgets',
        message: `Not checked, since ${why}: ${list.join(', ')}.`,
        file: first?.file ?? null,
        line: first?.line ?? null,
      },
    };
  });
}

/** Budgets that allow more than those of the baseline, or that are gone. */
export function loosenedNotices(
  row: RowName,
  before: readonly Budget[],
  now: readonly Budget[],
  configFile: string | null,
): RowNotice[] {
  return before.flatMap((old): RowNotice[] => {
    const { metric, bound } = old;
    const current = now.find((each) => each.metric === metric && each.bound === bound);
    if (current !== undefined && !isLooser(metric, old.amount, current.amount)) return [];
    const from = boundText(metric, bound, old.written);
    const message =
      current === undefined
        ? `The budget of ${from} on ${metricTable[metric].name} was removed.`
        : `The budget on ${metricTable[metric].name} was loosened from ${from} to ${boundText(metric, bound, current.written)}.`;
    const line = current?.line ?? null;
    return [{ row, notice: { kind: 'loosened-budget', message, file: configFile, line } }];
  });
}

/** Equal notices of several rows become one, in the order of the first. */
export function mergeNotices(notices: readonly RowNotice[]): Notice[] {
  const merged = new Map<string, Notice>();
  for (const { row, notice } of notices) {
    const key = JSON.stringify(notice);
    const known = merged.get(key);
    merged.set(key, { ...notice, rows: [...(known?.rows ?? []), row] });
  }
  return [...merged.values()];
}

function boundText(metric: Metric, bound: BudgetResult['bound'], written: string): string {
  if (bound === 'limit') return written;
  return bound === 'share' ? `${written} ${wholeOf(metric)}` : signedText(written);
}
