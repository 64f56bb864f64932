import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { printable } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { conversionOf, generateLibrary, loadGraph } from '../pipeline.ts';
import { counted } from '../report/numbers.ts';
import { runtimeFolder } from '../runtime_folder.ts';
import { findTarget } from '../targets/index.ts';
import { readKernels } from '../tools.ts';
import { planningOf, staleSentence } from '../tune/planning.ts';
import { toolVersion } from '../version.ts';
import { converterOf } from './converter.ts';
import { requireWritable, writeWhole } from './files.ts';
import { quantizationBar } from './progress_bar.ts';
import { type ProjectOptions, projectOf, withProjectOptions } from './project_options.ts';
import { coloursFor, print, printJson, say, shownPath, type Terminal } from './terminal.ts';

interface BuildOptions extends ProjectOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** `tinyml-deploy build`: the C libraries, without compiler or emulator. */
export function addBuild(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const command = program
    .command('build')
    .description('write only the C library of each model and target')
    .argument('[model...]', 'names or files of models (default: all)');
  withProjectOptions(command)
    .option('-o, --out <folder>', 'where libraries go, as <model>/<target>/library', 'tinyml-out')
    .option('--json', 'print the paths as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ tinyml-deploy build models/kws.tflite --target cortex-m7 --out firmware/models`,
    )
    .action(async (models: string[], options: BuildOptions) => {
      finish(await build(terminal, models, options));
    });
}

async function build(terminal: Terminal, models: readonly string[], options: BuildOptions): Promise<number> {
  const project = projectOf(terminal, models, options);
  const outputFolder = resolve(terminal.folder, options.out);
  await requireWritable(outputFolder);
  const kernels = await readKernels(join(runtimeFolder(), 'kernels'));
  const libraries = [];
  const conversion = conversionOf(converterOf(terminal), (step) => say(terminal, `Converting: ${step}`));
  // A float model is quantized once for all targets.
  const graphs = new Map<string, Graph>();
  for (const job of project.jobs) {
    const { model, target } = job;
    let graph = graphs.get(model.name);
    if (graph === undefined) {
      const bar = quantizationBar(terminal);
      graph = await loadGraph(project.folder, model, bar.show, conversion).finally(bar.end);
    }
    graphs.set(model.name, graph);
    const planning = planningOf(job, graph, toolVersion());
    if (planning.tuned === 'stale') say(terminal, staleSentence(job));
    const { sources } = generateLibrary(graph, findTarget(target), kernels, planning.options);
    const folder = join(outputFolder, model.name, target, 'library');
    for (const { path, text } of sources.library) await writeWhole(join(folder, path), text);
    const shown = shownPath(terminal, folder);
    libraries.push({
      model: model.name,
      target,
      folder: shown,
      files: sources.library.map(({ path }) => path),
    });
  }
  if (options.json === true) printJson(terminal, { libraries });
  else {
    const { green, bold } = coloursFor(terminal);
    for (const { model, target, folder, files } of libraries)
      print(
        terminal,
        `${green('✔')} ${bold(model)} on ${target}: ${counted(files.length, 'file')} in ${printable(folder, 1000)}`,
      );
  }
  return 0;
}
