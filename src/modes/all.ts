import { rebuildBaseline } from '../baseline/rebuild.ts';
import { deliver } from '../github/deliver.ts';
import { phase, type Session, showProgress } from '../github/session.ts';
import { judge, noBaseline } from '../judge/judge.ts';
import { measureProject } from '../pipeline.ts';
import type { Project } from '../project/project.ts';
import { prepareTools } from '../tools.ts';
import { exitCodeOf } from './exit_code.ts';

/** Everything in one job: project → measurements, now and before → report → everyone who waits for it. */
export async function all(session: Session): Promise<number> {
  const { inputs, context, projectFolder, outputFolder } = session;
  const project = session.loadProject(projectFolder);
  const tools = await phase('Tools', () => prepareTools(session.toolRequest(project)));
  const measure = async (of: Project, output: string) => ({
    measurements: await measureProject(of, tools, session.pipelineOptions(output), showProgress),
    limits: of.jobs,
  });

  const { measurements, limits } = await phase('This commit', () => measure(project, outputFolder));
  const baseline = inputs.baseline
    ? await phase('Base commit', () =>
        rebuildBaseline(projectFolder, context.occasion, (folder) =>
          measure(session.loadProject(folder), `${outputFolder}-base`),
        ),
      )
    : noBaseline('The input `baseline` is false.');

  const report = judge(measurements, baseline, limits, await session.judgeContext(project));
  await deliver(report, project, session);
  return exitCodeOf(report, inputs);
}
