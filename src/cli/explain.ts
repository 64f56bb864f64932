import type { Command } from 'commander';
import { DeployError } from '../errors.ts';
import { conversionOf, loadExplained } from '../pipeline.ts';
import { makePlan } from '../plan/make_plan.ts';
import { findTarget } from '../targets/index.ts';
import { planningOf, staleSentence } from '../tune/planning.ts';
import { toolVersion } from '../version.ts';
import { converterOf } from './converter.ts';
import { flashSizes } from './flash_sizes.ts';
import { describePlan, planSummary } from './plan_text.ts';
import { quantizationBar } from './progress_bar.ts';
import { type ProjectOptions, projectOf, withProjectOptions } from './project_options.ts';
import { describeQuantization } from './quantization_text.ts';
import { print, printJson, say, type Terminal, wantsColour } from './terminal.ts';

interface ExplainOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `tinyml-deploy explain`: what is decided about a model before any C is written. */
export function addExplain(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const command = program
    .command('explain')
    .description("show a model's graph, arena plan, and kernel and cost per layer")
    .argument('<model>', 'name or file of a model');
  withProjectOptions(command)
    .option('--json', 'print the plan as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ tinyml-deploy explain models/kws.tflite --target cortex-m4

Weights and arena are computed from the model; code is shown where the compiler is installed. \`tinyml-deploy run\`
measures the rest.`,
    )
    .action(async (model: string, options: ExplainOptions) => {
      const project = projectOf(terminal, [model], options);
      const [job] = project.jobs;
      if (job === undefined) throw new DeployError('input', 'There is no model to explain.');
      const bar = quantizationBar(terminal);
      const { graph, quantization } = await loadExplained(
        project.folder,
        job.model,
        bar.show,
        conversionOf(converterOf(terminal), (step) => say(terminal, `Converting: ${step}`)),
      ).finally(bar.end);
      const planning = planningOf(job, graph, toolVersion());
      if (planning.tuned === 'stale') say(terminal, staleSentence(job));
      const plan = makePlan(graph, findTarget(job.target), planning.options);
      const { firmware, reason } = await flashSizes(plan);
      if (firmware === null) say(terminal, `Code is not shown: ${reason}`);
      if (options.json === true) printJson(terminal, { ...planSummary(plan, firmware), quantization });
      else {
        const colour = wantsColour(terminal.stdout, terminal);
        print(terminal, describePlan(plan, firmware, colour));
        if (quantization !== null) print(terminal, `\n${describeQuantization(quantization, colour)}`);
      }
      finish(0);
    });
}
