import { type Measurement, measurementKey } from '../measurement.ts';
import type { Budget } from '../project/project.ts';
import { bytes, grouped, kibibytes, share } from '../report/numbers.ts';
import {
  type BudgetResult,
  type Change,
  type Metric,
  metrics,
  type Reason,
  type Report,
  type Row,
  reportSchemaVersion,
} from '../report/report.ts';

/** The measurements that now are compared with. */
export interface Baseline {
  readonly commit: string | null;
  readonly source: Report['baseline']['source'];
  readonly note: string;
  readonly measurements: readonly Measurement[];
}

export const noBaseline = (note: string): Baseline => ({
  commit: null,
  source: 'none',
  note,
  measurements: [],
});

/** Limits of one model on one target, as the project resolved them. */
export interface Limits {
  readonly model: { readonly name: string };
  readonly target: string;
  readonly budgets: readonly Budget[];
}

export interface JudgeContext {
  readonly toolVersion: string;
  /** When and where, handed in: this stage reads no clock. */
  readonly run: Report['run'];
  readonly headCommit: string | null;
  /** Where budgets are written; null with zero configuration. */
  readonly configFile: string | null;
}

/**
 * Everything measured → the report. Exact: one byte or one instruction over a budget fails, equal passes, and what could
 * not be measured fails a budget on it. Rows come in the order of the measurements, then those that are gone.
 */
export function judge(
  measurements: readonly Measurement[],
  baseline: Baseline,
  limits: readonly Limits[],
  context: JudgeContext,
): Report {
  const before = new Map(baseline.measurements.map((each) => [measurementKey(each), each]));
  const now = new Set(measurements.map(measurementKey));
  const hasBaseline = baseline.source !== 'none';

  const judged = measurements.map((measurement) => {
    const old = before.get(measurementKey(measurement)) ?? null;
    const budgets = limits
      .filter(({ model, target }) => model.name === measurement.model.name && target === measurement.target)
      .flatMap((each) => each.budgets.map((budget) => check(measurement, budget, context.configFile)));
    const reasons = [...failures(measurement), ...budgets.flatMap((each) => exceeded(measurement, each))];
    const row: Row = {
      model: measurement.model.name,
      target: measurement.target,
      status: reasons.length === 0 ? 'pass' : 'fail',
      presence: hasBaseline && old === null ? 'added' : 'both',
      changes: changes(old, measurement),
      budgets,
    };
    return { row, reasons };
  });
  const removed = baseline.measurements
    .filter((each) => !now.has(measurementKey(each)))
    .map(
      (each): Row => ({
        model: each.model.name,
        target: each.target,
        status: 'pass',
        presence: 'removed',
        changes: changes(each, null),
        budgets: [],
      }),
    );
  const reasons = judged.flatMap((each) => each.reasons);

  return {
    schemaVersion: reportSchemaVersion,
    tool: { name: 'tinyml-deploy', version: context.toolVersion },
    run: context.run,
    head: { commit: context.headCommit },
    baseline: { commit: baseline.commit, source: baseline.source, note: baseline.note },
    verdict: { status: reasons.length === 0 ? 'pass' : 'fail', reasons },
    rows: [...judged.map((each) => each.row), ...removed],
    measurements: [...measurements],
    baselineMeasurements: [...baseline.measurements],
  };
}

/** Bytes or instructions; null where nothing was counted. */
export function metricOf(measurement: Measurement, metric: Metric): number | null {
  switch (metric) {
    case 'flash':
      return measurement.flash.total;
    case 'ram':
      return measurement.ram.total;
    case 'instructions':
      return measurement.instructions?.total ?? null;
  }
}

function changes(before: Measurement | null, after: Measurement | null): Change[] {
  return metrics.map((metric) => ({
    metric,
    before: before === null ? null : metricOf(before, metric),
    after: after === null ? null : metricOf(after, metric),
  }));
}

/** Instructions are judged by the slowest input that was run, since some kernels take longer on some values. */
function check(measurement: Measurement, budget: Budget, configFile: string | null): BudgetResult {
  const value =
    budget.metric === 'instructions'
      ? (measurement.instructions?.max ?? null)
      : metricOf(measurement, budget.metric);
  return {
    metric: budget.metric,
    limit: budget.limit,
    written: budget.written,
    value,
    status: value === null ? 'unknown' : value > budget.limit ? 'exceeded' : 'within',
    file: configFile,
    line: configFile === null ? null : budget.line,
  };
}

function failures(measurement: Measurement): Reason[] {
  return measurement.failures.map((failure) => ({
    kind: 'failure',
    model: measurement.model.name,
    target: measurement.target,
    metric: null,
    message: failure.message,
    file: measurement.model.file,
    line: null,
  }));
}

const names: Readonly<Record<Metric, string>> = {
  flash: 'Flash',
  ram: 'RAM',
  instructions: 'The instruction count',
};

function exceeded(measurement: Measurement, budget: BudgetResult): Reason[] {
  if (budget.status === 'within') return [];
  return [
    {
      kind: 'budget',
      model: measurement.model.name,
      target: measurement.target,
      metric: budget.metric,
      message: sentence(budget),
      file: budget.file,
      line: budget.line,
    },
  ];
}

function sentence({ metric, value, limit, written }: BudgetResult): string {
  const subject = names[metric];
  if (value === null)
    return `${subject} was not measured, so its budget of ${written} could not be checked: see \`tinyml-deploy doctor\`.`;
  const over = share(value - limit, limit);
  if (metric === 'instructions')
    return `${subject} of ${grouped(value)} is ${grouped(value - limit)} (${over}) over its budget of ${grouped(limit)}.`;
  return `${subject} of ${bytes(value)} is ${bytes(value - limit)} (${over}) over its budget of ${bytes(limit)} (${kibibytes(limit)}).`;
}
