import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as core from '@actions/core';
import { type Base, findBase } from '../baseline/base.ts';
import { repositoryOf } from '../baseline/commits.ts';
import type { BaselineIdentity } from '../baseline/identity.ts';
import { recordName, renderRecord } from '../baseline/kept_report.ts';
import { workflowResults } from '../github/cache.ts';
import { branchesOf } from '../github/context.ts';
import { type RepositoryRuns, repositoryRuns } from '../github/runs.ts';
import { phase, type Session, showProgress } from '../github/session.ts';
import type { Baseline } from '../judge/judge.ts';
import { keepReport, type MeasuredChange, measureChange, type Selection } from '../measure_change.ts';
import type { Project } from '../project/project.ts';
import type { Reason, Report } from '../report/report.ts';
import { supplyTools } from '../tool_identity.ts';

/** What the modes that measure share: which commit to compare with, both measured, and what is kept for later. */

/** The commit that this run is compared with, or why there is none. */
export async function baseOf(session: Session): Promise<Base> {
  const { inputs, context, projectFolder } = session;
  if (!inputs.baseline) return { kind: 'none', why: 'the input `baseline` is false' };
  const repository = await repositoryOf(projectFolder);
  if (repository === null) return { kind: 'none', why: 'this is no git repository' };
  return await findBase(repository, context.occasion, await runsOf(session));
}

/** `project` may hold a part of the jobs; `select` picks the same part of the base. */
export async function measureHere(
  session: Session,
  project: Project,
  base: Base,
  select?: Selection,
): Promise<MeasuredChange> {
  const { inputs, context, outputFolder, cacheFolder } = session;
  const supply = await phase('Tools', () => supplyTools(session.toolRequest(project)));
  const store = inputs.cache ? workflowResults(cacheFolder) : null;
  const runs = await runsOf(session);
  return await phase('Measurements', () =>
    measureChange({
      project,
      configFile: inputs.config,
      base,
      isBaseOnDefaultBranch: branchesOf(context.eventName, context.event).isBaseOnDefault,
      loadProject: session.loadProject,
      supply,
      options: session.pipelineOptions(outputFolder),
      // What is released and attested is not taken from where other workflows can write.
      results: context.occasion.kind === 'release' ? null : store,
      reports: store,
      keepsFiles: inputs['upload-firmware'] && inputs.artifact !== '',
      onProgress: (progress, of) => showProgress(progress, of === 'base' ? 'base: ' : ''),
      say: (sentence) => core.warning(sentence),
      ...(select === undefined ? {} : { selectBase: select }),
      ...(runs === null ? {} : { artifactsOf: runs.reportsOf }),
    }),
  );
}

/** Leaves what a later run needs to take this report as its baseline: beside the report in the artifact, and in the cache. */
export async function keepForLater(
  { inputs, outputFolder, cacheFolder }: Session,
  identity: BaselineIdentity | null,
  report: Report,
): Promise<void> {
  if (identity === null) return;
  await writeFile(join(outputFolder, recordName), renderRecord(identity));
  if (!inputs.cache) return;
  const warning = await phase('Cache', () => keepReport(workflowResults(cacheFolder), identity, report));
  if (warning !== '') core.warning(warning);
}

/** `require-baseline: true` makes a run without one fail. */
export function baselineReasons({ inputs }: Session, { source, note }: Baseline): readonly Reason[] {
  if (!inputs['require-baseline'] || source !== 'none') return [];
  return [
    {
      kind: 'baseline',
      model: null,
      target: null,
      metric: null,
      bound: null,
      message: `There is no baseline, and \`require-baseline\` is true. ${note}`.trim(),
      causes: [],
      file: null,
      line: null,
    },
  ];
}

async function runsOf({ inputs, context }: Session): Promise<RepositoryRuns | null> {
  if (inputs['github-token'] === '' || context.repository === '') return null;
  const { defaultBranch } = branchesOf(context.eventName, context.event);
  return await repositoryRuns(
    inputs['github-token'],
    {
      owner: context.owner,
      repository: context.repository,
      artifact: inputs.artifact === '' ? 'tinyml-deploy' : inputs.artifact,
      defaultBranch,
    },
    { say: core.info },
  );
}
