import { resolve } from 'node:path';
import type { Command } from 'commander';
import { judge, limitsOf } from '../judge/judge.ts';
import { parseReport, renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { Report } from '../report/report.ts';
import { readText } from './files.ts';
import { asBaseline, reportText } from './run.ts';
import { print, type Terminal } from './terminal.ts';

interface CompareOptions {
  readonly layers?: boolean;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** `tinyml-deploy compare`: the second report judged against the first. */
export function addCompare(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('compare')
    .description('show what changed from one report to another')
    .argument('<before.json>', 'report to compare with')
    .argument('<after.json>', 'report that is judged, by its own budgets')
    .option('-l, --layers', 'show every layer')
    .option('--markdown', 'print what a pull request would get')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ tinyml-deploy compare main/report.json tinyml-out/report.json`,
    )
    .action(async (before: string, after: string, options: CompareOptions) => {
      const load = async (file: string) =>
        parseReport(await readText(resolve(terminal.folder, file), file), file);
      const report = compare(await load(before), await load(after));
      if (options.json === true) print(terminal, renderJson(report));
      else if (options.markdown === true) print(terminal, renderMarkdown(report));
      else print(terminal, reportText(terminal, report, options.layers === true));
      finish(report.verdict.status === 'pass' ? 0 : 1);
    });
}

/** `after` as if it had been measured against `before`; its budgets are those that it was judged by. */
export function compare(before: Report, after: Report): Report {
  const configFile =
    after.rows.flatMap(({ budgets }) => budgets).find(({ file }) => file !== null)?.file ?? null;
  return judge(after.measurements, asBaseline(before), limitsOf(after), {
    toolVersion: after.tool.version,
    run: after.run,
    reused: after.run.reused,
    trend: after.trend,
    headCommit: after.head.commit,
    configFile,
  });
}
