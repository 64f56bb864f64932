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
import { metricOf } from './metric.ts';

/** The measurements that now are compared with. */
export interface Baseline {
  readonly commit: string | null;
  readonly source: Report['baseline']['source'];
  readonly note: string;
  readonly measurements: readonly Measurement[];
  /** The budgets that it had, so that a loosened one is told; absent where they are not known. */
  readonly limits?: readonly Limits[];
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
 * not be measured fails a budget on it. A bound that needs what is not there, a baseline or a real part, is not checked,
 * and a notice says so. Rows come in the order of the measurements, then those that are gone.
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
    const name = { model: measurement.model.name, target: measurement.target };
    const wanted = budgetsFor(limits, name);
    const budgets = wanted.map((budget) => checkBudget(old, measurement, budget, context.configFile));
    const broken = budgets.flatMap((budget) => brokenBudget(old, measurement, budget) ?? []);
    const reasons = [...failures(measurement), ...broken];
    const notices = [
      ...loosenedNotices(name, budgetsFor(baseline.limits ?? [], name), wanted, context.configFile),
      ...uncheckedNotices(name, budgets),
    ];
    const row: Row = {
      ...name,
      status: reasons.length === 0 ? 'pass' : 'fail',
      presence: hasBaseline && old === null ? 'added' : 'both',
      changes: changes(old, measurement),
      budgets,
    };
    return { row, reasons, notices };
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
    notices: mergeNotices(judged.flatMap((each) => each.notices)),
    rows: [...judged.map((each) => each.row), ...removed],
    measurements: [...measurements],
    baselineMeasurements: [...baseline.measurements],
  };
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
    before: before === null ? null : metricOf(before, metric),
    after: after === null ? null : metricOf(after, metric),
  }));
}

function failures(measurement: Measurement): Reason[] {
  return measurement.failures.map((failure) => ({
    kind: 'failure',
    model: measurement.model.name,
    target: measurement.target,
    metric: null,
    message: failure.message,
    causes: [],
    file: measurement.model.file,
    line: null,
  }));
}
