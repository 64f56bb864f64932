import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as core from '@actions/core';
import { findRenames } from '../baseline/renames.ts';
import { printable } from '../errors.ts';
import { deliver } from '../github/deliver.ts';
import { downloadGroups } from '../github/group_artifacts.ts';
import { phase, type Session } from '../github/session.ts';
import { judge } from '../judge/judge.ts';
import { type GroupResult, parseGroupResult } from '../matrix/group_result.ts';
import { mergeGroups, missingReasons, withMissingRows } from '../matrix/merge.ts';
import { parsePlan, requireSameWork } from '../matrix/plan.ts';
import { baselineReasons, keepForLater } from './change.ts';
import { exitCodeOf } from './exit_code.ts';
import { groupResultFile } from './measure.ts';
import { plannedWork } from './planned_work.ts';

/** Puts together what the groups measured, says what is missing, and delivers the one report. */
export async function report(session: Session): Promise<number> {
  const { inputs, projectFolder, outputFolder } = session;
  const plan = parsePlan(inputs.plan);
  const project = session.loadProject(projectFolder);
  const work = await plannedWork(session, project, plan.groups, plan.base);
  requireSameWork(plan, work);

  const groups = await phase('Measurements', () =>
    downloadGroups(inputs, work.groups, `${outputFolder}-groups`, outputFolder),
  );
  const arrived: GroupResult[] = [];
  for (const { folder } of groups) {
    const result = await resultIn(folder);
    if (result !== null) arrived.push(result);
  }
  const merged = mergeGroups(work.groups, arrived, plan.digest);
  core.info(
    `${arrived.length} of ${work.groups.length} groups arrived, ${merged.missing.length} jobs are missing.`,
  );

  const renames = findRenames(merged.baseline.measurements, merged.measurements);
  const baseline = { ...merged.baseline, renames };
  const judged = judge(merged.measurements, baseline, project.jobs, {
    ...(await session.judgeContext(project)),
    reused: merged.reused,
    trend: [...merged.trend],
    reasons: [...baselineReasons(session, baseline), ...missingReasons(merged.missing)],
  });
  const whole = withMissingRows(judged, merged.missing);
  await keepForLater(session, merged.identity, whole);
  return exitCodeOf(await deliver(whole, project, session), inputs);
}

/** null, and a warning, where a group left something else. */
async function resultIn(folder: string): Promise<GroupResult | null> {
  try {
    const file = join(folder, groupResultFile);
    return parseGroupResult(await readFile(file, 'utf8'), groupResultFile);
  } catch (error) {
    core.warning(printable(error instanceof Error ? error.message : String(error), 500));
    return null;
  }
}
