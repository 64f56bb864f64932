import * as core from '@actions/core';
import { phase, type Session } from '../github/session.ts';
import { groupName } from '../matrix/groups.ts';
import { makePlan, renderMatrix, renderPlan } from '../matrix/plan.ts';
import { baseOf } from './change.ts';
import { plannedWork } from './planned_work.ts';

/** Decides once, for all jobs of the workflow: which groups there are, and which commit they compare with. */
export async function plan(session: Session): Promise<number> {
  const project = session.loadProject(session.projectFolder);
  const base = await phase('Base commit', () => baseOf(session));
  const work = await plannedWork(session, project, session.inputs.groups, base);
  for (const { id, jobs } of work.groups) core.info(`Group ${id}: ${groupName(jobs)}`);
  core.info(
    base.kind === 'commit' ? `Compared with ${base.commit}: ${base.how}.` : `No baseline: ${base.why}.`,
  );
  core.setOutput('matrix', renderMatrix(work.groups));
  core.setOutput('plan', renderPlan(makePlan(work)));
  return 0;
}
