import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { entriesOf, sampleSights } from '../accuracy/pictures.ts';
import { headOf } from '../baseline/commits.ts';
import type { KeptResults } from '../cache/kept_results.ts';
import { type Baseline, judge, limitsOf, noBaseline } from '../judge/judge.ts';
import { measureJobs } from '../pipeline.ts';
import type { Project } from '../project/project.ts';
import { renderHtml } from '../report/html.ts';
import { parseReport, renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { Report } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import { openResults } from '../results.ts';
import { supplyTools } from '../tool_identity.ts';
import { toolVersion } from '../version.ts';
import { converterOf, resultsOf } from './converter.ts';
import { readText, requireWritable, writeWhole } from './files.ts';
import { progressBar } from './progress_bar.ts';
import {
  type EmulationOptions,
  type ProjectOptions,
  projectOf,
  withEmulationOptions,
  withProjectOptions,
} from './project_options.ts';
import { print, say, shownPath, type Terminal, wantsColour } from './terminal.ts';

interface RunOptions extends ProjectOptions, EmulationOptions {
  readonly out: string;
  readonly baseline?: string;
  readonly layers?: boolean;
  readonly install: boolean;
  readonly cache: boolean;
  readonly json?: boolean;
}

/** `tinyml-deploy run`: everything, from models to the report. Exit code 1 when the verdict is negative. */
export function addRun(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const command = program
    .command('run', { isDefault: true })
    .description('compile, run and prove models on emulated microcontrollers, and report what they cost')
    .argument('[model...]', 'names or files of models (default: all)');
  withEmulationOptions(withProjectOptions(command))
    .option('-o, --out <folder>', 'where reports, C libraries and firmware go', 'tinyml-out')
    .option('-b, --baseline <report.json>', 'an earlier report to compare with')
    .option('-l, --layers', 'show every layer')
    .option('--no-install', 'take only the emulators and compilers that are on this machine')
    .option('--no-cache', 'measure everything anew, whatever earlier runs have measured')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ tinyml-deploy                                     everything in tinyml.yml, or every model on cortex-m4
  $ tinyml-deploy run kws --target nrf52840 --layers  one model on one part, layer by layer
  $ tinyml-deploy run --baseline before.json          what changed since an earlier report
  $ tinyml-deploy run --json | jq .verdict`,
    )
    .action(async (models: string[], options: RunOptions) => {
      finish(await run(terminal, models, options));
    });
}

async function run(terminal: Terminal, models: readonly string[], options: RunOptions): Promise<number> {
  const project = projectOf(terminal, models, options);
  const outputFolder = resolve(terminal.folder, options.out);
  const baseline = await baselineOf(terminal, options.baseline);
  await requireWritable(outputFolder);
  const supply = await supplyTools({
    project,
    install: options.install,
    environment: terminal.environment,
    host: { platform: process.platform, arch: process.arch },
    home: homedir(),
    say: (sentence) => say(terminal, sentence),
  });
  const results = options.cache ? openResults(resultsOf(terminal), supply, true) : null;
  const bar = progressBar(terminal, project.jobs.length);
  const measure = (kept: KeptResults | null) =>
    measureJobs(
      project,
      supply.prepare,
      {
        outputFolder,
        parallel: availableParallelism(),
        converter: converterOf(terminal, options),
        programs: { environment: terminal.environment, isAllowed: true },
        signal: terminal.signal,
        warn: (sentence) => say(terminal, sentence),
        ...(kept === null ? {} : { results: kept }),
      },
      bar.show,
    );
  const mixed = await measure(results).finally(bar.end);
  // Where apt-get brought other tools than it announced, nothing of earlier ones may stand beside what these measured.
  const { measurements, reused } = (await supply.isAsIdentified()) ? mixed : await measure(null);

  const report = judge(measurements, baseline, project.jobs, {
    toolVersion: toolVersion(),
    run: { at: terminal.now().toISOString(), host: `${process.platform} ${process.arch}` },
    headCommit: (await headOf(project.folder))?.commit ?? null,
    configFile: project.configFile,
    reused,
  });
  const paths = await writeReports(outputFolder, report, project);
  if (options.json === true) print(terminal, renderJson(report));
  else {
    print(terminal, reportText(terminal, report, options.layers === true));
    const shown = paths.map((path) => `  ${shownPath(terminal, path)}`);
    print(terminal, `\nReports:\n${shown.join('\n')}`);
  }
  return report.verdict.status === 'pass' ? 0 : 1;
}

async function baselineOf(terminal: Terminal, file: string | undefined): Promise<Baseline> {
  if (file === undefined) return noBaseline('');
  return asBaseline(parseReport(await readText(resolve(terminal.folder, file), file), file));
}

/** An earlier report as what to compare with. */
export function asBaseline(report: Report): Baseline {
  const { head, measurements } = report;
  return { commit: head.commit, source: 'file', note: '', measurements, limits: limitsOf(report) };
}

/** The report for a terminal of this width and colour. */
export function reportText(terminal: Terminal, report: Report, layers: boolean): string {
  const { columns } = terminal.stdout;
  return renderText(report, {
    colour: wantsColour(terminal.stdout, terminal),
    layers,
    ...(columns === undefined ? {} : { columns }),
  });
}

async function writeReports(folder: string, report: Report, project: Project): Promise<string[]> {
  const sights = sampleSights(project.folder, entriesOf(project));
  const files = [
    ['report.html', renderHtml(report, sights.of)],
    ['report.md', renderMarkdown(report)],
    ['report.json', renderJson(report)],
  ] as const;
  sights.close();
  for (const [name, text] of files) await writeWhole(join(folder, name), text);
  return files.map(([name]) => join(folder, name));
}
