import { headOf } from '../baseline/commits.ts';
import type { Session } from '../github/session.ts';
import { countGroups, dealJobs, type Group } from '../matrix/groups.ts';
import type { MatrixPlan, PlannedWork } from '../matrix/plan.ts';
import type { Job, Project } from '../project/project.ts';
import { toolVersion } from '../version.ts';

/** Planned work with whole jobs, so that they can be measured. */
export interface ProjectWork extends PlannedWork {
  readonly groups: readonly Group<Job>[];
}

/** The work as this job sees it; `groups` is how many are wished for. */
export async function plannedWork(
  session: Session,
  project: Project,
  groups: number | null,
  base: MatrixPlan['base'],
): Promise<ProjectWork> {
  return {
    toolVersion: toolVersion(),
    headCommit: (await headOf(session.projectFolder))?.commit ?? null,
    configFile: project.configFile,
    groups: dealJobs(project.jobs, countGroups(project.jobs.length, groups)),
    base,
  };
}
