import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { type Command, InvalidArgumentError } from 'commander';
import { printable } from '../errors.ts';
import { conversionOf, type LoadedModel, loadForSearch } from '../pipeline.ts';
import { planFileName, planFileText, readPlanFile, type TunedPlan } from '../project/plan_file.ts';
import { counted, grouped, percentChange } from '../report/numbers.ts';
import { prepareTools } from '../tools.ts';
import { tune } from '../tune/tune.ts';
import { toolVersion } from '../version.ts';
import { converterOf } from './converter.ts';
import { requireWritable, writeWhole } from './files.ts';
import { quantizationBar } from './progress_bar.ts';
import { type ProjectOptions, projectOf, withProjectOptions } from './project_options.ts';
import { coloursFor, print, printJson, say, shownPath, type Terminal } from './terminal.ts';

interface TuneCommandOptions extends ProjectOptions {
  readonly toolchain?: string;
  readonly trials: number;
  readonly install: boolean;
  readonly json?: boolean;
}

/** `tinyml-deploy tune`: searches kernels on the emulator and keeps what it finds in a plan file. */
export function addTune(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const command = program
    .command('tune')
    .description('try kernels for each layer on the emulator, and keep the best in a plan file')
    .argument('[model...]', 'names or files of models (default: all)');
  withProjectOptions(command)
    .option('--toolchain <version>', 'as for run')
    .option('--trials <number>', 'builds to measure for each model and target, at most', trialsOf, 100)
    .option('--no-install', 'take only the emulators and compilers that are on this machine')
    .option('--json', 'print what was found as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ tinyml-deploy tune kws --target cortex-m4 --optimize speed

Writes ${planFileName} into the project's folder: commit it. \`run\` and \`build\` take their kernels from it as long as
model, target, setting and version of tinyml-deploy stay the same; nothing is searched again.`,
    )
    .action(async (models: string[], options: TuneCommandOptions) => {
      finish(await tuneProject(terminal, models, options));
    });
}

function trialsOf(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new InvalidArgumentError('Give a whole number from 1 to 10000.');
  return number;
}

async function tuneProject(
  terminal: Terminal,
  models: readonly string[],
  options: TuneCommandOptions,
): Promise<number> {
  // Only QEMU counts the instructions of a whole search in reasonable time.
  const project = projectOf(terminal, models, { ...options, emulator: 'qemu' });
  const before = readPlanFile(project.folder);
  await requireWritable(project.folder);
  const tools = await prepareTools({
    project,
    install: options.install,
    environment: terminal.environment,
    host: { platform: process.platform, arch: process.arch },
    home: homedir(),
    say: (sentence) => say(terminal, sentence),
  });
  const outputFolder = await mkdtemp(join(tmpdir(), 'tinyml-tune-'));
  const found: { readonly plan: TunedPlan; readonly trials: number }[] = [];
  try {
    const loaded = new Map<string, LoadedModel>();
    const conversion = conversionOf(converterOf(terminal, options), (step) =>
      say(terminal, `Converting: ${step}`),
    );
    for (const job of project.jobs) {
      let model = loaded.get(job.model.name);
      if (model === undefined) {
        const bar = quantizationBar(terminal);
        model = await loadForSearch(project, job.model, bar.show, conversion).finally(bar.end);
        loaded.set(job.model.name, model);
      }
      const search = await tune(job, model, tools, {
        outputFolder,
        toolVersion: toolVersion(),
        trials: options.trials,
        timeLimitSeconds: project.timeLimitSeconds,
        signal: terminal.signal,
      });
      found.push(search);
      say(terminal, foundSentence(search));
    }
  } finally {
    await rm(outputFolder, { recursive: true, force: true });
  }
  const path = join(project.folder, planFileName);
  const plans = found.map(({ plan }) => plan);
  await writeWhole(path, planFileText(before, plans));
  if (options.json === true) printJson(terminal, { file: shownPath(terminal, path), found });
  else {
    print(terminal, planTable(plans));
    print(terminal, `${coloursFor(terminal).green('✔')} ${shownPath(terminal, path)}: commit it.`);
  }
  return 0;
}

function foundSentence({ plan, trials }: { readonly plan: TunedPlan; readonly trials: number }): string {
  return `${printable(plan.model.name, 60)} on ${plan.target} (${plan.optimize}): ${counted(trials, 'build')} measured, ${counted(plan.layers.length, 'layer')} changed.`;
}

/** What each search gained. */
export function planTable(plans: readonly TunedPlan[]): string {
  const table = new Table({
    head: ['Model', 'Target', 'Setting', 'Instructions', 'Cycles, estimated', 'Flash, B', 'Arena, B'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { model, target, optimize, before, after } of plans) {
    const cell = (of: 'instructions' | 'cycles' | 'flash' | 'arena') => {
      const [was, is] = [before[of], after[of]];
      if (was === null || is === null) return '—';
      return was === is ? grouped(is) : `${grouped(was)} → ${grouped(is)} (${percentChange(was, is)})`;
    };
    table.push([
      printable(model.name, 48),
      target,
      optimize,
      cell('instructions'),
      cell('cycles'),
      cell('flash'),
      cell('arena'),
    ]);
  }
  return table.toString();
}
