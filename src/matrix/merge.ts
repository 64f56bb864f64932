import { differenceOf } from '../baseline/identity.ts';
import { type Measurement, measurementKey } from '../measurement.ts';
import type { Report, TrendPoint } from '../report/report.ts';
import type { GroupBaseline, GroupResult } from './group_result.ts';
import type { Group, Named } from './groups.ts';

/** What the runners measured, put together again as if one had measured it all. */

/** A job of which no measurement arrived. */
export interface MissingJob {
  readonly model: string;
  readonly target: string;
  /** One sentence. */
  readonly why: string;
}

export interface Merged {
  /** In the order of the jobs. */
  readonly measurements: readonly Measurement[];
  readonly reused: number;
  readonly baseline: GroupBaseline;
  readonly trend: readonly TrendPoint[];
  /** null unless every group has the same one, and nothing is missing. */
  readonly identity: GroupResult['identity'];
  readonly missing: readonly MissingJob[];
}

/**
 * `arrived` may lack groups, and hold those of another plan, which are not taken. A baseline counts only when every
 * group that arrived has the same one: with a part of it, rows would pass for new.
 */
export function mergeGroups(
  groups: readonly Group<Named>[],
  arrived: readonly GroupResult[],
  digest: string,
): Merged {
  const results = new Map(arrived.filter(({ plan }) => plan === digest).map((each) => [each.group, each]));
  const taken = groups.flatMap(({ id }) => results.get(id) ?? []);
  const measured = new Map(
    taken.flatMap(({ measurements }) => measurements.map((each) => [measurementKey(each), each] as const)),
  );
  const jobs = groups.flatMap((group) =>
    group.jobs.map((job) => ({ job, result: results.get(group.id), group })),
  );
  return {
    measurements: jobs.flatMap(({ job }) => measured.get(measurementKey(job)) ?? []),
    reused: taken.reduce((sum, { reused }) => sum + reused, 0),
    baseline: mergeBaselines(taken.filter(({ failure }) => failure === null).map(({ baseline }) => baseline)),
    trend: mergeTrends(taken.map(({ trend }) => trend)),
    identity: taken.length === groups.length ? commonIdentity(taken.map(({ identity }) => identity)) : null,
    missing: jobs
      .filter(({ job }) => !measured.has(measurementKey(job)))
      .map(({ job, result, group }) => ({
        model: job.model.name,
        target: job.target,
        why: whyMissing(result, group.id),
      })),
  };
}

/** Groups whose baseline came from a report have its whole trend; those that built it have the points of their own rows. */
function mergeTrends(all: readonly (readonly TrendPoint[])[]): readonly TrendPoint[] {
  const longest = all.reduce((a, b) => (b.length > a.length ? b : a), []);
  const keyOf = (each: TrendPoint['rows'][number]) => `${each.model}@${each.target}`;
  return longest.map((point) => {
    const rows = all.flatMap((trend) => trend.find(({ commit }) => commit === point.commit)?.rows ?? []);
    return { ...point, rows: [...new Map(rows.map((each) => [keyOf(each), each])).values()] };
  });
}

function commonIdentity(all: readonly GroupResult['identity'][]): GroupResult['identity'] {
  const [first = null] = all;
  if (first === null) return null;
  return all.every((each) => each !== null && differenceOf(each, first) === '') ? first : null;
}

function whyMissing(result: GroupResult | undefined, group: string): string {
  if (result === undefined)
    return `Nothing arrived from group ${group}: its job failed or was cancelled, and its log says why.`;
  return result.failure?.message ?? `Group ${group} did not measure it.`;
}

/** From the quickest to the dearest way to a baseline: the merged one was had in the dearest. */
const sources: readonly GroupBaseline['source'][] = ['file', 'cache', 'artifact', 'rebuilt'];

function mergeBaselines(all: readonly GroupBaseline[]): GroupBaseline {
  const [first] = all;
  if (first === undefined) return none('No group measured the base commit.');
  const without = all.find(({ source }) => source === 'none');
  if (without !== undefined) return none(without.note);
  if (all.some(({ commit }) => commit !== first.commit))
    return none('The groups have measured different base commits.');
  const dearest = all.reduce((a, b) => (sources.indexOf(b.source) > sources.indexOf(a.source) ? b : a));
  return {
    ...dearest,
    measurements: all.flatMap(({ measurements }) => measurements),
    limits: all.flatMap(({ limits }) => limits),
  };
}

const none = (note: string): GroupBaseline => ({
  commit: null,
  source: 'none',
  note,
  measurements: [],
  limits: [],
});

/** The reasons that make the verdict negative, one for each job that is missing. */
export function missingReasons(missing: readonly MissingJob[]): Report['verdict']['reasons'] {
  return missing.map(({ model, target, why }) => ({
    kind: 'missing',
    model,
    target,
    metric: null,
    bound: null,
    message: `It was not measured. ${why}`,
    causes: [],
    file: null,
    line: null,
  }));
}

/** The report with a failed row for each missing job, after those that were measured. */
export function withMissingRows(report: Report, missing: readonly MissingJob[]): Report {
  const rows = missing.map(({ model, target }): Report['rows'][number] => ({
    model,
    target,
    status: 'fail',
    presence: 'both',
    renamedFrom: null,
    changes: [],
    budgets: [],
  }));
  const live = report.rows.filter(({ presence }) => presence !== 'removed');
  const removed = report.rows.filter(({ presence }) => presence === 'removed');
  return { ...report, rows: [...live, ...rows, ...removed] };
}
