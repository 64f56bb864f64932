import Table from 'cli-table3';
import pc from 'picocolors';
import { printable } from '../errors.ts';
import { answerGroups, itemsText } from './changed_answers.ts';
import { sharedName } from './layers.ts';
import { counted, grouped } from './numbers.ts';
import type { Notice, Report } from './report.ts';
import {
  blindSpots,
  type Cell,
  changeSummary,
  comparison,
  headline,
  layerViews,
  noticeSubject,
  type RowView,
  reasonSubject,
  renameText,
  reusedText,
  rowViews,
  settingLines,
  tools,
} from './view.ts';

export interface TextOptions {
  readonly colour: boolean;
  /** Columns of the terminal; below what the table needs, rows are listed one under the other. */
  readonly columns?: number;
  /** A table of layers below each row. */
  readonly layers?: boolean;
}

type Colours = ReturnType<typeof pc.createColors>;

/** The terminal's report: verdict, reasons, one table. */
export function renderText(report: Report, options: TextOptions): string {
  const colours = pc.createColors(options.colour);
  const views = rowViews(report);
  const isPass = report.verdict.status === 'pass';
  const title = `${isPass ? '✔' : '✖'} ${headline(report)}`;
  const blocks = [
    colours.bold(isPass ? colours.green(title) : colours.red(title)),
    report.verdict.reasons.map((reason) => reasonLine(reason, colours)).join('\n'),
    report.accepted.map((each) => acceptedLine(each, colours)).join('\n'),
    report.notices.map((notice) => noticeLine(notice, colours)).join('\n'),
    views.length === 0 ? '' : rowsBlock(views, options, colours),
    answerGroups(views)
      .map(
        ({ model, answers }) =>
          `${colours.bold(printable(model, 48))}: ${printable(answers.sentence, 300)}${answers.items.length === 0 ? '' : ` Samples ${printable(itemsText(answers.items, 10), 400)}.`}`,
      )
      .join('\n'),
    ...(options.layers === true ? views.map((view) => layerBlock(view, colours)) : []),
    [changeSummary(report, views), ...footer(report).map((line) => painted(line, colours.dim))]
      .filter((line) => line !== '')
      .join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function reasonLine(reason: Report['verdict']['reasons'][number], colours: Colours): string {
  const place =
    reason.file === null || reason.kind !== 'budget'
      ? ''
      : ` ${colours.dim(printable(reason.line === null ? reason.file : `${reason.file}:${reason.line}`))}`;
  const subject = reasonSubject(reason);
  const start =
    subject === null
      ? ''
      : `${colours.bold(`${printable(subject.model, 60)} on ${printable(subject.target, 60)}`)}: `;
  return `  ${colours.red('✖')} ${start}${printable(reason.message, 400)}${place}`;
}

function acceptedLine({ model, target, message }: Report['accepted'][number], colours: Colours): string {
  const subject = colours.bold(`${printable(model, 60)} on ${printable(target, 60)}`);
  return `  ${colours.yellow('✔')} ${subject}: ${printable(message, 400)}`;
}

function noticeLine(notice: Notice, colours: Colours): string {
  const { model, target, more } = noticeSubject(notice);
  const mark = notice.kind === 'loosened-budget' ? colours.yellow('!') : colours.dim('·');
  const subject = colours.bold(`${printable(model, 60)} on ${printable(target, 60)}${more}`);
  return `  ${mark} ${subject}: ${printable(notice.message, 400)}`;
}

function rowsBlock(views: readonly RowView[], options: TextOptions, colours: Colours): string {
  const table = rowTable(views, colours);
  const widest = Math.max(...table.split('\n').map(visibleLength));
  return options.columns === undefined || widest <= options.columns ? table : rowList(views, colours);
}

function visibleLength(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out
  return line.replace(/\u001b\[\d+m/g, '').length;
}

/** Model and target share a column, and numbers stand in lines, so that it fits 100 columns. */
function rowTable(views: readonly RowView[], colours: Colours): string {
  const hasAccuracy = views.some(({ accuracy, answers }) => accuracy !== null || (answers?.changed ?? 0) > 0);
  const head = ['Model, target', 'Flash', 'RAM', 'Instructions', 'Verified'];
  const table = plainTable(
    [...head, ...(hasAccuracy ? ['Accuracy'] : [])],
    [1, 2, 3, ...(hasAccuracy ? [5] : [])],
  );
  for (const view of views)
    table.push(
      [
        [
          `${statusMark(view, colours)} ${printable(view.row.model, 48)}`,
          `  ${printable(view.row.target, 40)}`,
          ...(view.row.renamedFrom === null ? [] : [`  ${colours.dim(printable(renameText(view.row), 48))}`]),
        ],
        ...view.cells.map((cell) => cellLines(cell, cell.budgetShare, colours)),
        verification(view, colours),
        ...(hasAccuracy ? [accuracy(view, colours)] : []),
      ].map((lines) => lines.join('\n')),
    );
  return table.toString();
}

/** For narrow terminals: a paragraph per row. */
function rowList(views: readonly RowView[], colours: Colours): string {
  const line = (name: string, parts: readonly string[]) => `    ${name.padEnd(13)}${parts.join('  ')}`;
  return views
    .map((view) =>
      [
        `${statusMark(view, colours)} ${colours.bold(printable(view.row.model, 48))} on ${printable(view.row.target, 40)}${view.row.renamedFrom === null ? '' : ` (${printable(renameText(view.row), 48)})`}`,
        ...view.cells.map((cell) => line(cell.metric, cellLines(cell, cell.budget, colours))),
        line('verified', verification(view, colours)),
        ...(accuracy(view, colours)[0] === '—' ? [] : [line('accuracy', accuracy(view, colours))]),
      ].join('\n'),
    )
    .join('\n');
}

/** `right`: the columns that hold numbers. */
function plainTable(head: readonly string[], right: readonly number[]): InstanceType<typeof Table> {
  return new Table({
    head: [...head],
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
    // The library's own colours would ignore NO_COLOR.
    style: { head: [], border: [], compact: false },
  });
}

function statusMark({ row }: RowView, colours: Colours): string {
  if (row.presence === 'removed') return colours.dim('-');
  return row.status === 'pass' ? colours.green('✔') : colours.red('✖');
}

function cellLines(cell: Cell, budget: string, colours: Colours): string[] {
  const paint = { up: colours.yellow, down: colours.green }[cell.direction as 'up' | 'down'] ?? colours.dim;
  return [
    cell.value,
    painted(cell.change, paint),
    ...cell.notes.map((note) => colours.dim(note)),
    painted(cell.partShare, colours.dim),
    painted(printable(budget, 60), cell.isOver ? colours.red : colours.dim),
  ].filter((line) => line !== '');
}

/** Nothing stays nothing. */
function painted(text: string, paint: (text: string) => string): string {
  return text === '' ? '' : paint(text);
}

function verification({ verification: { status, text, note } }: RowView, colours: Colours): string[] {
  const paint = { exact: colours.green, failed: colours.red, 'not-run': colours.dim }[status];
  return [paint(text), painted(note, colours.dim)].filter((line) => line !== '');
}

function accuracy({ accuracy: score, answers }: RowView, colours: Colours): string[] {
  const changed =
    answers === null || answers.changed === 0
      ? []
      : [
          // A column of few characters.
          painted(`${grouped(answers.changed)} changed`, colours.yellow),
          painted(answers.budget, answers.isOver ? colours.red : colours.dim),
        ];
  const lines =
    score === null
      ? changed
      : [
          score.value,
          painted(printable(score.note, 80), colours.dim),
          painted(printable(score.change, 80), colours.dim),
          ...changed,
          painted(score.float, colours.dim),
          painted(score.budget, score.isUnder ? colours.red : colours.dim),
        ];
  const shown = lines.filter((line) => line !== '');
  return shown.length === 0 ? ['—'] : shown;
}

function layerBlock(view: RowView, colours: Colours): string {
  const layers = layerViews(view);
  if (layers.length === 0) return '';
  const table = plainTable(
    ['Layer', 'Output', 'MACs', 'Flash, B', 'Instructions', 'Share', 'per MAC'],
    [2, 3, 4, 5, 6],
  );
  const lines = (value: string, change: string) =>
    change === '' ? value : `${value}\n${colours.yellow(change)}`;
  for (const layer of layers)
    table.push([
      `${printable(layer.name, 60)}${layer.presence === '' ? '' : ` (${layer.presence})`}`,
      printable(layer.shape, 40),
      grouped(layer.macs),
      lines(grouped(layer.flash), layer.flashChange),
      lines(layer.instructions === null ? '—' : grouped(layer.instructions), layer.instructionsChange),
      layer.share,
      layer.instructionsPerMac,
    ]);
  const { measurement } = view;
  for (const shared of measurement?.shared ?? [])
    table.push([
      { colSpan: 3, content: measurement === null ? '' : printable(sharedName(shared, measurement), 200) },
      grouped(shared.code),
      '',
      '',
      '',
    ]);
  const title = `${printable(view.row.model, 48)} on ${printable(view.row.target, 40)}: ${counted(layers.length, 'layer')}`;
  return `${colours.bold(title)}\n${table.toString()}`;
}

function footer(report: Report): string[] {
  const { baseline } = report;
  const { which, how } = comparison(report);
  const { emulators, compilers } = tools(report);
  const note = baseline.note === '' ? '' : ` ${printable(baseline.note, 400)}`;
  const compared =
    baseline.source === 'none'
      ? note.trim()
      : `Compared with ${which === null ? 'another report' : printable(which.slice(0, 12))}, ${how}.${note}`;
  const measured = emulators.length === 0 ? 'Not emulated' : `Measured on ${emulators.join(' and ')}`;
  const compiled = compilers.length === 0 ? '' : `, compiled by ${compilers.join(' and ')}`;
  return [
    compared,
    printable(`${measured}${compiled}.`, 300),
    reusedText(report),
    ...settingLines(report).map((line) => printable(line, 300)),
    ...blindSpots(report).map((spot) => printable(spot, 200)),
  ];
}
