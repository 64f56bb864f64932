import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { measurementKey } from '../measurement.ts';
import { type Group, groupName, type Named } from './groups.ts';

/** What mode `plan` decides once for all runners, and hands to them as text. */

export const planSchemaVersion = 1;

const base = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('commit'),
    commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
    how: z.string().max(300),
  }),
  z.strictObject({ kind: z.literal('none'), why: z.string().max(500) }),
]);

const matrixPlan = z.strictObject({
  schemaVersion: z.literal(planSchemaVersion),
  /** SHA-256 over everything that all runners must see alike. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  groups: z.int().min(1).max(256),
  base,
});

export type MatrixPlan = z.infer<typeof matrixPlan>;

/** Everything that must be the same in the job that plans and in those that measure and report. */
export interface PlannedWork {
  readonly toolVersion: string;
  /** null outside of a git repository. */
  readonly headCommit: string | null;
  readonly configFile: string | null;
  readonly groups: readonly Group<Named>[];
  readonly base: MatrixPlan['base'];
}

export function makePlan(work: PlannedWork): MatrixPlan {
  return {
    schemaVersion: planSchemaVersion,
    digest: digestOf(work),
    groups: work.groups.length,
    base: work.base,
  };
}

/** The value of a job's `strategy.matrix`. */
export function renderMatrix(groups: PlannedWork['groups']): string {
  return JSON.stringify({ include: groups.map(({ id, jobs }) => ({ group: id, name: groupName(jobs) })) });
}

export function renderPlan(plan: MatrixPlan): string {
  return JSON.stringify(plan);
}

/** Reads back what renderPlan wrote. Throws DeployError (kind `input`). */
export function parsePlan(text: string): MatrixPlan {
  if (text === '')
    throw new DeployError(
      'input',
      'The input `plan` is empty.',
      {},
      'Give it the output `plan` of the job with `mode: plan`.',
    );
  const result = matrixPlan.safeParse(parsed(text));
  if (result.success) return result.data;
  throw new DeployError(
    'input',
    `The input \`plan\` is not what this version of \`mode: plan\` wrote: ${printable(result.error.issues[0]?.message ?? '')}.`,
    {},
    'Use the same version of the action in all jobs of the workflow.',
  );
}

/** Throws DeployError (kind `input`) where this job sees another commit, project or tool than the one that planned. */
export function requireSameWork(plan: MatrixPlan, work: PlannedWork): void {
  if (plan.digest === digestOf(work)) return;
  throw new DeployError(
    'input',
    'This job sees another commit, configuration or version of the action than the job that planned.',
    {},
    'Give all jobs the same checkout, inputs and version, or use the reusable workflow, which does.',
  );
}

function digestOf({ toolVersion, headCommit, configFile, groups, base: from }: PlannedWork): string {
  const seen = [
    toolVersion,
    headCommit,
    configFile,
    groups.map(({ jobs }) => jobs.map(measurementKey)),
    from,
  ];
  return createHash('sha256').update(JSON.stringify(seen)).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
