import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import { uploadGroup } from '../github/group_artifacts.ts';
import { phase, type Session } from '../github/session.ts';
import { noBaseline } from '../judge/judge.ts';
import { type GroupResult, groupResultVersion, renderGroupResult } from '../matrix/group_result.ts';
import { baseJobs } from '../matrix/groups.ts';
import { parsePlan, requireSameWork } from '../matrix/plan.ts';
import type { Project } from '../project/project.ts';
import { measureHere } from './change.ts';
import { plannedWork } from './planned_work.ts';

/** Where a group's measurements are in its artifact. */
export const groupResultFile = 'measurements.json';

/** Measures one group of the plan, and leaves the figures as an artifact for mode `report`; also why there are none. */
export async function measure(session: Session): Promise<number> {
  const { inputs, outputFolder } = session;
  const plan = parsePlan(inputs.plan);
  const group = inputs.group;
  let failure: unknown = null;
  const result = await measureGroup(session).catch((error: unknown): Measured => {
    failure = error;
    return { ...nothing, failure: failureOf(error) };
  });
  const file = join(outputFolder, groupResultFile);
  const text = renderGroupResult({ schemaVersion: groupResultVersion, plan: plan.digest, group, ...result });
  await writeFile(file, text);
  await phase('Measurements', () => uploadGroup(inputs, group, outputFolder));
  if (failure !== null) throw failure;
  return 0;
}

type Measured = Omit<GroupResult, 'schemaVersion' | 'plan' | 'group'>;

const nothing: Measured = {
  measurements: [],
  reused: 0,
  baseline: { ...noBaseline('The group could not be measured.'), measurements: [], limits: [] },
  trend: [],
  identity: null,
  failure: null,
};

async function measureGroup(session: Session): Promise<Measured> {
  const { inputs, projectFolder } = session;
  const plan = parsePlan(inputs.plan);
  const whole = session.loadProject(projectFolder);
  const work = await plannedWork(session, whole, plan.groups, plan.base);
  requireSameWork(plan, work);
  const group = work.groups.find(({ id }) => id === inputs.group);
  if (group === undefined)
    throw new DeployError(
      'input',
      `The plan has no group \`${printable(inputs.group, 20)}\`.`,
      {},
      'Give the input `group` the value `matrix.group` of the planned matrix.',
    );
  const project: Project = { ...whole, jobs: group.jobs };
  const change = await measureHere(session, project, plan.base, (before) =>
    baseJobs(before, work.groups, group.id),
  );
  const { measurements, reused, trend, identity } = change;
  const { commit, source, note, measurements: baseMeasurements, limits = [] } = change.baseline;
  return {
    measurements: [...measurements],
    reused,
    baseline: {
      commit,
      source,
      note,
      measurements: [...baseMeasurements],
      limits: limits.map(({ model, target, budgets }) => ({
        model: { name: model.name },
        target,
        budgets: budgets.map((budget) => ({ ...budget })),
      })),
    },
    trend,
    identity,
    failure: null,
  };
}

function failureOf(error: unknown): NonNullable<GroupResult['failure']> {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof DeployError ? error.kind : 'tool', message: printable(message, 1000) };
}
