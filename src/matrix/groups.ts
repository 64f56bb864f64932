import { measurementKey } from '../measurement.ts';

/** How the jobs of a project are shared out to runners: the same jobs and count give the same groups on every machine. */

/** GitHub starts at most this many jobs from one matrix. */
export const mostGroups = 256;

/**
 * A runner takes some 40 s to start and to install its tools, and a job 1 to 4 s: a group of fewer jobs than this ends
 * hardly sooner and costs a runner. Measured in bench/matrix.md.
 */
export const jobsPerGroup = 24;

/** Enough of a job to tell it from others. */
export interface Named {
  readonly model: { readonly name: string };
  readonly target: string;
}

export interface Group<Each> {
  /** `1`, `2`, …: what `group` is in the matrix and in the artifact's name. */
  readonly id: string;
  readonly jobs: readonly Each[];
}

/** How many groups: as many as wished for, or one for each 24 jobs; never more than jobs, nor than a matrix takes. */
export function countGroups(jobs: number, wished: number | null): number {
  const count = wished ?? Math.ceil(jobs / jobsPerGroup);
  return Math.max(1, Math.min(count, jobs, mostGroups));
}

/** Neighbours stay together, so that a model is imported and computed by few runners; sizes differ by one at most. */
export function dealJobs<Each extends Named>(jobs: readonly Each[], count: number): readonly Group<Each>[] {
  const bound = (index: number): number => Math.floor((index * jobs.length) / count);
  return Array.from({ length: count }, (_, index) => ({
    id: String(index + 1),
    jobs: jobs.slice(bound(index), bound(index + 1)),
  }));
}

/**
 * The base commit's jobs that one group measures: those that it measures now too, and its share of those that only the
 * base has, so that every one of them is measured by exactly one group.
 */
export function baseJobs<Each extends Named>(
  base: readonly Each[],
  groups: readonly Group<Named>[],
  id: string,
): readonly Each[] {
  const owner = new Map(
    groups.flatMap((group) => group.jobs.map((job) => [measurementKey(job), group.id] as const)),
  );
  const gone = base.filter((job) => !owner.has(measurementKey(job)));
  const shareOfGone = new Map(
    gone.map((job, index) => [measurementKey(job), groups[index % groups.length]?.id] as const),
  );
  return base.filter(
    (job) => (owner.get(measurementKey(job)) ?? shareOfGone.get(measurementKey(job))) === id,
  );
}

const longestName = 100;

/** What GitHub shows as the job's name: `kws on cortex-m0plus, cortex-m4; vww on cortex-m4`. */
export function groupName(jobs: readonly Named[]): string {
  const targets = new Map<string, string[]>();
  for (const { model, target } of jobs) targets.set(model.name, [...(targets.get(model.name) ?? []), target]);
  const name = [...targets].map(([model, names]) => `${model} on ${names.join(', ')}`).join('; ');
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
