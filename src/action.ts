import { rebuildBaseline } from './baseline/rebuild.ts';
import { deliver, deliverError } from './github/deliver.ts';
import { openSession, phase, showProgress } from './github/session.ts';
import { judge, noBaseline } from './judge/judge.ts';
import { measureProject } from './pipeline.ts';
import { prepareTools } from './tools.ts';

/** What `uses: tinyml/deploy-action` runs: inputs → project → measurements, now and before → report → everyone who waits for it. */
async function run(): Promise<number> {
  const session = openSession(process.env);
  const { inputs, context, projectFolder, outputFolder } = session;
  const project = session.loadProject(projectFolder);
  const tools = await phase('Tools', () => prepareTools(session.toolRequest(project)));
  const measure = (folder: string, output: string) =>
    measureProject(session.loadProject(folder), tools, session.pipelineOptions(output), showProgress);

  const measurements = await phase('This commit', () => measure(projectFolder, outputFolder));
  const baseline = inputs.baseline
    ? await phase('Base commit', () =>
        rebuildBaseline(projectFolder, context.occasion, (folder) => measure(folder, `${outputFolder}-base`)),
      )
    : noBaseline('The input `baseline` is false.');

  const report = judge(measurements, baseline, project.jobs, await session.judgeContext(project));
  await deliver(report, project, session);
  return report.verdict.status === 'fail' && inputs['fail-on-negative'] ? 1 : 0;
}

process.exitCode = await run().catch((error: unknown) => deliverError(error));
