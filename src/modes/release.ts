import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as core from '@actions/core';
import { isChanged } from '../baseline/working_tree.ts';
import { DeployError } from '../errors.ts';
import { uploadArtifact } from '../github/artifact.ts';
import { deliver } from '../github/deliver.ts';
import { phase, type Session } from '../github/session.ts';
import { judge } from '../judge/judge.ts';
import { writeRelease } from '../release/release.ts';
import { releaseTime } from '../release/release_time.ts';
import { counted } from '../report/numbers.ts';
import { runtimeFolder } from '../runtime_folder.ts';
import { prepareTools } from '../tools.ts';
import { baselineReasons, baseOf, keepForLater, measureHere } from './change.ts';
import { exitCodeOf } from './exit_code.ts';

/** Everything that belongs to the release of a tag, measured anew, in an artifact of its own; nothing when the verdict is negative. */
export async function release(session: Session): Promise<number> {
  const { inputs, context, outputFolder } = session;
  if (context.occasion.kind !== 'release')
    throw new DeployError(
      'input',
      '`mode: release` is for a tag, and this run is for none.',
      {},
      'Start it by `on: push: tags`, or by hand on a tag.',
    );
  const project = session.loadProject(session.projectFolder);
  if (await isChanged(project.folder))
    core.warning('Files differ from the commit, so nobody can build this release again from it.');
  const base = await phase('Release before', () => baseOf(session));
  const change = await measureHere(session, project, base);
  const { measurements, limits, baseline, identity } = change;
  const made = await session.judgeContext(project);
  const at = (await releaseTime(project.folder, session.sourceDateEpoch)).toISOString();
  const judged = judge(measurements, baseline, limits, {
    ...made,
    run: { ...made.run, at },
    reasons: baselineReasons(session, baseline),
  });
  await keepForLater(session, identity, judged);
  const report = await deliver(judged, project, session);
  if (report.verdict.status === 'fail') {
    core.error('The verdict is negative, so there is no release.');
    return exitCodeOf(report, { ...inputs, 'fail-on-negative': true });
  }
  const { toolchain } = await prepareTools(session.toolRequest(project));
  const folder = `${outputFolder}-release`;
  const files = await writeRelease({
    report,
    outputFolder,
    toolchain,
    licence: await readFile(join(dirname(runtimeFolder()), 'LICENSE'), 'utf8'),
    folder,
  });
  core.info(`${counted(files.length, 'file')} for the release of ${context.occasion.tag}.`);
  const { warning } = await phase('Release', () => uploadArtifact(releaseArtifact(inputs.artifact), folder));
  if (warning !== '') throw new DeployError('tool', warning, {}, 'Run the job again.');
  return 0;
}

/** What the job that publishes downloads. */
export function releaseArtifact(artifact: string): string {
  return `${artifact === '' ? 'tinyml-deploy' : artifact}-release`;
}
