import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { headOf } from '../baseline/commits.ts';
import { isChanged } from '../baseline/working_tree.ts';
import { printable } from '../errors.ts';
import { judge, noBaseline } from '../judge/judge.ts';
import { measureProject } from '../pipeline.ts';
import { writeRelease } from '../release/release.ts';
import { releaseTime } from '../release/release_time.ts';
import { requireReplaceable } from '../release/replace_folder.ts';
import { parseReport, renderJson } from '../report/json.ts';
import { bytes, counted } from '../report/numbers.ts';
import type { Report } from '../report/report.ts';
import { runtimeFolder } from '../runtime_folder.ts';
import { prepareTools } from '../tools.ts';
import { toolVersion } from '../version.ts';
import { converterOf } from './converter.ts';
import { readText, requireWritable } from './files.ts';
import { progressBar } from './progress_bar.ts';
import {
  type EmulationOptions,
  type ProjectOptions,
  projectOf,
  withEmulationOptions,
  withProjectOptions,
} from './project_options.ts';
import { asBaseline, reportText } from './run.ts';
import { coloursFor, print, printJson, say, shownPath, type Terminal } from './terminal.ts';

interface ReleaseOptions extends ProjectOptions, EmulationOptions {
  readonly out: string;
  readonly baseline?: string;
  readonly install: boolean;
  readonly json?: boolean;
}

/** `tinyml-deploy release`: measures everything and, when it passes, writes what belongs to a release. */
export function addRelease(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const command = program
    .command('release')
    .description('measure everything and write firmware, C libraries, checksums and bill of materials');
  withEmulationOptions(withProjectOptions(command))
    .option('-o, --out <folder>', 'takes the files, flat; replaces an earlier release', 'tinyml-release')
    .option('-b, --baseline <report.json>', "an earlier release's report to compare with")
    .option('--no-install', 'take only the emulators and compilers that are on this machine')
    .option('--json', 'print names, sizes and hashes of the files as JSON')
    .addHelpText(
      'after',
      `
Nothing is written when the verdict is negative. The same commit, compiler and version of this tool give the same
bytes in any folder; the time in them is that of the commit, or SOURCE_DATE_EPOCH.

Example:
  $ tinyml-deploy release --out release && gh release create v1.0.0 --notes-file release/NOTES.md release/*`,
    )
    .action(async (options: ReleaseOptions) => {
      finish(await release(terminal, options));
    });
}

async function release(terminal: Terminal, options: ReleaseOptions): Promise<number> {
  const project = projectOf(terminal, [], options);
  const folder = resolve(terminal.folder, options.out);
  const at = await releaseTime(project.folder, terminal.environment.SOURCE_DATE_EPOCH);
  const { baseline: file } = options;
  const baseline =
    file === undefined
      ? noBaseline('')
      : asBaseline(parseReport(await readText(resolve(terminal.folder, file), file), file));
  if (await isChanged(project.folder))
    say(terminal, 'Files differ from the commit, so nobody can build this release again from it.');
  await requireReplaceable(folder);
  await requireWritable(dirname(folder));
  const tools = await prepareTools({
    project,
    install: options.install,
    environment: terminal.environment,
    host: { platform: process.platform, arch: process.arch },
    home: homedir(),
    say: (sentence) => say(terminal, sentence),
  });
  const outputFolder = await mkdtemp(join(tmpdir(), 'tinyml-release-'));
  try {
    const bar = progressBar(terminal, project.jobs.length);
    const measurements = await measureProject(
      project,
      tools,
      {
        outputFolder,
        parallel: availableParallelism(),
        programs: { environment: terminal.environment, isAllowed: true },
        converter: converterOf(terminal, { ...options, cache: false }),
        signal: terminal.signal,
      },
      bar.show,
    ).finally(bar.end);
    const report = judge(measurements, baseline, project.jobs, {
      toolVersion: toolVersion(),
      run: { at: at.toISOString(), host: `${process.platform} ${process.arch}` },
      headCommit: (await headOf(project.folder))?.commit ?? null,
      configFile: project.configFile,
    });
    if (report.verdict.status !== 'pass') return refuse(terminal, report, options);
    const files = await writeRelease({
      report,
      outputFolder,
      toolchain: tools.toolchain,
      licence: await readFile(join(dirname(runtimeFolder()), 'LICENSE'), 'utf8'),
      folder,
    });
    const shown = shownPath(terminal, folder);
    if (options.json === true) printJson(terminal, { folder: shown, files });
    else {
      print(terminal, reportText(terminal, report, false));
      const { green, bold } = coloursFor(terminal);
      const lines = files.map((each) => `  ${each.name}  ${bytes(each.bytes)}`);
      print(
        terminal,
        `\n${green('✔')} Release of ${counted(files.length, 'file')} in ${bold(printable(shown, 1000))}:\n${lines.join('\n')}`,
      );
    }
    return 0;
  } finally {
    await rm(outputFolder, { recursive: true, force: true });
  }
}

function refuse(terminal: Terminal, report: Report, { json }: ReleaseOptions): number {
  print(terminal, json === true ? renderJson(report) : reportText(terminal, report, false));
  say(terminal, 'No release was written, because the verdict is negative.');
  return 1;
}
