import { type Measurement, measurementKey } from '../measurement.ts';
import type { Budget } from '../project/project.ts';
import {
  type Change,
  metrics,
  type Reason,
  type Report,
  type Row,
  reportSchemaVersion,
} from '../report/report.ts';
import { brokenBudget, checkBudget, loosenedNotices, mergeNotices, uncheckedNotices } from './budgets.ts';
import { changeOf } from './metric.ts';

/** The measurements that now are compared with. */
export interface Baseline {
  readonly commit: string | null;
  readonly source: Report['baseline']['source'];
  readonly note: string;
  readonly measurements: readonly Measurement[];
  /** The budgets that it had, so that a loosened one is told; absent where they are not known. */
  readonly limits?: readonly Limits[];
  /** Models that have another name now; their old rows are compared with the new ones. */
  readonly renames?: readonly Rename[];
}

/** The same model on the same target under two names. */
export interface Rename {
  readonly target: string;
  readonly from: string;
  readonly to: string;
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
  readonly run: Pick<Report['run'], 'at' | 'host'>;
  /** How many of the measurements an earlier run made; 0 where it isn't said. */
  readonly reused?: number;
  /** Earlier commits of the default branch, oldest first. */
  readonly trend?: Report['trend'];
  /** What makes the verdict negative beside failures and budgets, e.g. that a baseline is required and there is none. */
  readonly reasons?: readonly Reason[];
  readonly headCommit: string | null;
  /** Where budgets are written; null with zero configuration. */
  readonly configFile: string | null;
}

/**
 * Everything measured → the report. Exact: one byte or one instruction over a budget fails, equal passes, and what could
 * not be measured fails a budget on it. A bound that needs what is not there, a baseline or a real part, is not checked,
 * and a notice says so. Rows come in the order of the measurements, then those that are gone.
 */
export function judge(
  measurements: readonly Measurement[],
  baseline: Baseline,
  limits: readonly Limits[],
  context: JudgeContext,
): Report {
  const baselineRows = new Map(baseline.measurements.map((each) => [measurementKey(each), each]));
  const oldName = new Map(
    (baseline.renames ?? []).map(({ target, from, to }) => [rowKey({ model: to, target }), from]),
  );
  const answered = new Set<string>();
  const hasBaseline = baseline.source !== 'none';

  const judged = measurements.map((measurement) => {
    const name = { model: measurement.model.name, target: measurement.target };
    const renamedFrom = oldName.get(rowKey(name)) ?? null;
    const before = { ...name, model: renamedFrom ?? name.model };
    const old = baselineRows.get(rowKey(before)) ?? null;
    answered.add(rowKey(before));
    const wanted = budgetsFor(limits, name);
    const budgets = wanted.map((budget) => checkBudget(old, measurement, budget, context.configFile));
    const broken = budgets.flatMap((budget) => brokenBudget(old, measurement, budget) ?? []);
    const reasons = [...failures(measurement), ...broken];
    const notices = [
      ...loosenedNotices(name, budgetsFor(baseline.limits ?? [], before), wanted, context.configFile),
      ...uncheckedNotices(name, budgets),
    ];
    const row: Row = {
      ...name,
      status: reasons.length === 0 ? 'pass' : 'fail',
      presence: hasBaseline && old === null ? 'added' : 'both',
      renamedFrom: old === null ? null : renamedFrom,
      changes: changes(old, measurement),
      budgets,
    };
    return { row, reasons, notices };
  });
  const removed = baseline.measurements
    .filter((each) => !answered.has(measurementKey(each)))
    .map(
      (each): Row => ({
        model: each.model.name,
        target: each.target,
        status: 'pass',
        presence: 'removed',
        renamedFrom: null,
        changes: changes(each, null),
        budgets: [],
      }),
    );
  const reasons = [...(context.reasons ?? []), ...judged.flatMap((each) => each.reasons)];

  return {
    schemaVersion: reportSchemaVersion,
    tool: { name: 'tinyml-deploy', version: context.toolVersion },
    run: { at: context.run.at, host: context.run.host, reused: context.reused ?? 0 },
    head: { commit: context.headCommit },
    baseline: { commit: baseline.commit, source: baseline.source, note: baseline.note },
    verdict: { status: reasons.length === 0 ? 'pass' : 'fail', reasons },
    notices: mergeNotices(judged.flatMap((each) => each.notices)),
    accepted: [],
    rows: [...judged.map((each) => each.row), ...removed],
    measurements: [...measurements],
    baselineMeasurements: [...baseline.measurements],
    trend: [...(context.trend ?? [])],
  };
}

function rowKey({ model, target }: { readonly model: string; readonly target: string }): string {
  return measurementKey({ model: { name: model }, target });
}

/** The budgets that a report was judged by. */
export function limitsOf(report: Report): Limits[] {
  return report.rows.map(({ model, target, budgets }) => ({
    model: { name: model },
    target,
    budgets: budgets.map(({ metric, bound, amount, written, line }) => ({
      metric,
      bound,
      amount,
      written,
      line: line ?? 1,
    })),
  }));
}

function budgetsFor(
  limits: readonly Limits[],
  { model, target }: { readonly model: string; readonly target: string },
): Budget[] {
  return limits
    .filter((each) => each.model.name === model && each.target === target)
    .flatMap(({ budgets }) => budgets);
}

function changes(before: Measurement | null, after: Measurement | null): Change[] {
  return metrics.map((metric) => ({
    metric,
    ...changeOf(metric, before, after),
  }));
}

function failures(measurement: Measurement): Reason[] {
  return measurement.failures.map((failure) => ({
    kind: 'failure',
    model: measurement.model.name,
    target: measurement.target,
    metric: null,
    bound: null,
    message: failure.message,
    causes: [],
    file: measurement.model.file,
    line: null,
  }));
}
