import { rebuildBaseline } from './baseline/rebuild.ts';
import { deliver, deliverError } from './github/deliver.ts';
import { openSession, phase, showProgress } from './github/session.ts';
import { judge, noBaseline } from './judge/judge.ts';
import { measureProject } from './pipeline.ts';
import type { Project } from './project/project.ts';
import { prepareTools } from './tools.ts';

/** What `uses: tinyml/deploy-action` runs: inputs → project → measurements, now and before → report → everyone who waits for it. */
async function run(): Promise<number> {
  const session = openSession(process.env);
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
  return report.verdict.status === 'fail' && inputs['fail-on-negative'] ? 1 : 0;
}

process.exitCode = await run().catch((error: unknown) => deliverError(error));
