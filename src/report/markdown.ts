import { type AnswersView, answerGroups, itemsText } from './changed_answers.ts';
import { code, commit, html, plain } from './markdown_text.ts';
import { counted, grouped, kibibytes } from './numbers.ts';
import type { Notice, Reason, Report } from './report.ts';
import {
  blindSpots,
  budgetLines,
  type Cell,
  type Composition,
  changedFirst,
  changeSummary,
  comparison,
  composition,
  headline,
  isQuiet,
  type LayerView,
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

export interface MarkdownOptions {
  /** Where the whole report is, e.g. the workflow run's page. */
  readonly reportUrl?: string | null;
  /** Label that accepts what is over its budget; told where something is. */
  readonly acceptLabel?: string;
  /** Characters at most. GitHub refuses comments of more than 65,536; some room is left for a marker. */
  readonly limit?: number;
}

/** How much of the report is shown, from everything down to what always fits. */
interface Detail {
  readonly rows: number;
  readonly reasons: number;
  readonly layers: 'all' | 'changed' | 'none';
  /** Layer tables of rows that neither changed nor failed. */
  readonly quietRows: boolean;
}

const details: readonly Detail[] = [
  { rows: 1000, reasons: 200, layers: 'all', quietRows: true },
  { rows: 1000, reasons: 200, layers: 'all', quietRows: false },
  { rows: 1000, reasons: 200, layers: 'changed', quietRows: false },
  { rows: 1000, reasons: 200, layers: 'none', quietRows: false },
  ...[200, 100, 50, 20, 10].map((rows): Detail => ({ rows, reasons: 50, layers: 'none', quietRows: false })),
  { rows: 5, reasons: 5, layers: 'none', quietRows: false },
];

/** The pull request comment and the step summary: one line where nothing changed, the rest folded. Says nothing of when and where it was measured, so that the same figures give the same text. Drops the least important parts until it fits, and says so. */
export function renderMarkdown(report: Report, options: MarkdownOptions = {}): string {
  const limit = options.limit ?? 65_000;
  const views = rowViews(report);
  let text = '';
  for (const detail of details) {
    text = render(report, views, options, detail);
    if (text.length <= limit) return text;
  }
  return text;
}

function render(
  report: Report,
  views: readonly RowView[],
  { reportUrl = null, acceptLabel = '' }: MarkdownOptions,
  detail: Detail,
): string {
  const shown = mostImportant(views, detail.rows);
  const hidden = views.length - shown.length;
  const layerTables =
    detail.layers === 'none'
      ? []
      : shown
          .filter(({ row }) => row.presence !== 'removed')
          .filter((view) => detail.quietRows || view.hasChanged || view.row.status === 'fail')
          .map((view) => layerDetails(view, detail.layers === 'changed'));
  const isCut = detail !== details[0];
  const isPass = report.verdict.status === 'pass';
  const footer = [
    baselineLine(report),
    toolLine(report),
    isCut ? 'Shortened to fit.' : '',
    reportUrl === null ? '' : `[Full report](${encodeURI(reportUrl).replace(/[()<>]/g, encodeURIComponent)})`,
  ];
  const figures = [
    shown.length === 0 ? '' : table(shown),
    answerLines(views, detail.reasons),
    hidden > 0 ? `${counted(hidden, 'more row')} left out to fit.` : '',
    ...layerTables,
  ];
  const accepted = acceptedList(report.accepted, detail.reasons);
  const notices = noticeList(report.notices, detail.reasons);
  const end = footer.filter((line) => line !== '').join('<br>\n');
  const blocks = isQuiet(report, views)
    ? [
        `✅ **${headline(report)}.** ${changeSummary(report, views)}`,
        '<details>\n<summary>Figures</summary>',
        notices,
        ...figures,
        end,
        '</details>',
      ]
    : [
        `## ${isPass ? '✅' : '❌'} ${headline(report)}`,
        reasonList(report.verdict.reasons, detail.reasons),
        acceptHint(report, acceptLabel),
        accepted,
        notices,
        changeSummary(report, views),
        ...figures,
        end,
      ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** Failed, then changed, then the rest, at most `count`; shown in their own order. */
function mostImportant(views: readonly RowView[], count: number): RowView[] {
  if (views.length <= count) return [...views];
  const weight = (view: RowView) => (view.row.status === 'fail' ? 0 : view.hasChanged ? 1 : 2);
  const kept = new Set(views.toSorted((a, b) => weight(a) - weight(b)).slice(0, count));
  return views.filter((view) => kept.has(view));
}

function reasonList(reasons: readonly Reason[], count: number): string {
  const lines = reasons.slice(0, count).map((reason) => {
    const subject = reasonSubject(reason);
    const start = subject === null ? '' : `**${plain(subject.model, 60)}** on ${code(subject.target)}: `;
    return `- ${start}${plain(reason.message)}${source(reason)}`;
  });
  if (reasons.length > count) lines.push(`- and ${grouped(reasons.length - count)} more`);
  return lines.join('\n');
}

function acceptHint(report: Report, label: string): string {
  const isOver = report.rows.some(({ budgets }) => budgets.some(({ status }) => status === 'exceeded'));
  // Where the label is set already, the reasons say what to do.
  const isSet = report.verdict.reasons.some(({ message }) => message.includes(`(label ${label})`));
  if (label === '' || !isOver || isSet) return '';
  return `If what is over its budget is meant to be, set the label ${code(label, 50)} on this pull request.`;
}

function acceptedList(accepted: Report['accepted'], count: number): string {
  const lines = accepted
    .slice(0, count)
    .map(({ model, target, message }) => `- ☑️ **${plain(model, 60)}** on ${code(target)}: ${plain(message)}`);
  if (accepted.length > count) lines.push(`- and ${grouped(accepted.length - count)} more accepted`);
  return lines.join('\n');
}

function noticeList(notices: readonly Notice[], count: number): string {
  const lines = notices.slice(0, count).map((notice) => {
    const { model, target, more } = noticeSubject(notice);
    const mark = notice.kind === 'loosened-budget' ? '⚠️ ' : '';
    return `- ${mark}**${plain(model, 60)}** on ${code(target)}${more}: ${plain(notice.message)}${place(notice)}`;
  });
  if (notices.length > count) lines.push(`- and ${grouped(notices.length - count)} more`);
  return lines.join('\n');
}

function source(reason: Reason): string {
  return reason.kind === 'budget' ? place(reason) : '';
}

function place({ file, line }: Pick<Reason, 'file' | 'line'>): string {
  if (file === null) return '';
  return ` (${code(line === null ? file : `${file}:${line}`)})`;
}

function table(views: readonly RowView[]): string {
  const hasAccuracy = views.some(({ accuracy, answers }) => accuracy !== null || (answers?.changed ?? 0) > 0);
  const lines = [
    `| Model, target | Flash | RAM | Instructions | Verified |${hasAccuracy ? ' Accuracy |' : ''}`,
    `|:--|--:|--:|--:|:--|${hasAccuracy ? '--:|' : ''}`,
    ...views.map((view) => {
      const cells = [
        stacked([`**${plain(view.row.model, 60)}**`, plain(renameText(view.row), 60), code(view.row.target)]),
        ...view.cells.map(metricCell),
        verificationCell(view),
        ...(hasAccuracy ? [accuracyCell(view)] : []),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
  return lines.join('\n');
}

const arrows: Readonly<Record<Cell['direction'], string>> = {
  up: '🔺 ',
  down: '🔻 ',
  same: '',
  added: '',
  removed: '',
  unknown: '',
};

function metricCell(cell: Cell): string {
  const isChanged = cell.direction === 'up' || cell.direction === 'down';
  // The percentage has a line of its own: GitHub gives a comment 800 pixels.
  const [amount = '', percent = ''] = cell.change.split(/ (?=\()/);
  return stacked([
    cell.value,
    unbroken(isChanged ? `${arrows[cell.direction]}**${amount}**` : cell.change),
    isChanged ? percent : '',
    unbroken(cell.partShare),
    ...cell.notes,
    unbroken(`${cell.isOver ? '❌ ' : ''}${cell.budgetShare}`),
  ]);
}

function verificationCell({ verification: { status, text, note } }: RowView): string {
  const mark = { exact: '✅ ', failed: '❌ ', 'not-run': '' }[status];
  return stacked([unbroken(`${mark}${text}`), unbroken(note)]);
}

function accuracyCell({ accuracy, answers }: RowView): string {
  const changed = (answers?.changed ?? 0) > 0 && answers !== null ? answersNote(answers) : [];
  if (accuracy === null) return stacked(['—', ...changed]);
  const { value, note, change, budget, isUnder, float } = accuracy;
  return stacked([
    value,
    plain(note, 100),
    change === '' || change === 'unchanged' ? plain(change, 80) : `**${plain(change, 80)}**`,
    ...changed,
    unbroken(float),
    budget === '' ? '' : unbroken(`${isUnder ? '❌ ' : ''}${budget}`),
  ]);
}

function answersNote({ count, budget, isOver }: AnswersView): string[] {
  return [unbroken(count), budget === '' ? '' : unbroken(`${isOver ? '❌ ' : ''}${budget}`)];
}

/** Which answers changed: a line for each model. */
function answerLines(views: readonly RowView[], count: number): string {
  const groups = answerGroups(views);
  const lines = groups.slice(0, count).map(({ model, targets, answers }) => {
    const on = targets.length === 1 ? ` on ${code(targets[0] ?? '')}` : '';
    const items = answers.items.length === 0 ? '' : ` Samples ${plain(itemsText(answers.items, 10), 600)}.`;
    return `- **${plain(model, 60)}**${on}: ${plain(answers.sentence, 300)}${items}`;
  });
  if (groups.length > count) lines.push(`- and ${grouped(groups.length - count)} more`);
  return lines.join('\n');
}

/** Words that stay on one line. */
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0').replaceAll('-', '\u2011');
}

/** Lines of one table cell. */
function stacked(lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('<br>');
}

function layerDetails(view: RowView, onlyChanged: boolean): string {
  const layers = changedFirst(layerViews(view));
  const changed = layers.filter((layer) => layer.hasChanged);
  const listed = onlyChanged ? changed : layers;
  const count =
    changed.length === 0
      ? counted(layers.length, 'layer')
      : `${grouped(changed.length)} of ${counted(layers.length, 'layer')} changed`;
  const summary = `<summary><code>${html(view.row.model, 80)}</code> on <code>${html(view.row.target, 80)}</code>: ${count}</summary>`;
  const parts = view.measurement === null ? null : composition(view.measurement);
  return [
    `<details>\n${summary}`,
    parts === null ? '' : compositionLines(parts, view),
    listed.length === 0 ? '' : layerTable(listed),
    '</details>',
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function compositionLines({ flash, ram, instructions, cycles }: Composition, view: RowView): string {
  const part = view.measurement?.part ?? null;
  const budgets = budgetLines(view);
  const lines = [
    `Flash ${flash}.`,
    `RAM ${ram}.`,
    instructions === '' ? '' : `Instructions ${instructions}.`,
    cycles === '' ? '' : `Cycles ${plain(cycles, 300)}.`,
    accuracyLine(view),
    part === null
      ? ''
      : `${plain(part.title, 60)}: ${kibibytes(part.flashBytes)} of flash, ${kibibytes(part.ramBytes)} of RAM.`,
    budgets.length === 0 ? '' : `Budgets: ${budgets.map((budget) => plain(budget, 80)).join(', ')}.`,
  ];
  return lines.filter((line) => line !== '').join('<br>\n');
}

function accuracyLine({ accuracy }: RowView): string {
  if (accuracy === null) return '';
  return `Accuracy: ${plain(accuracy.line, 400)}.`;
}

function layerTable(layers: readonly LayerView[]): string {
  return [
    '| Layer | Output | MACs | Flash, B | Instructions | Share | Instructions per MAC |',
    '|:--|:--|--:|--:|--:|--:|--:|',
    ...layers.map((layer) => {
      const withChange = (value: string, change: string) =>
        change === '' ? value : `${value}<br>**${change}**`;
      const cells = [
        `${code(layer.name, 60)}${layer.presence === '' ? '' : ` **${layer.presence}**`}`,
        layer.shape.slice(0, 60),
        grouped(layer.macs),
        withChange(grouped(layer.flash), layer.flashChange),
        withChange(layer.instructions === null ? '—' : grouped(layer.instructions), layer.instructionsChange),
        layer.share,
        layer.instructionsPerMac,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

/** Between these stands what differs between two runs that found the same; invisible, and never at the start of a line, where Markdown takes it for HTML. */
const ofRun = ['<!-- run -->', '<!-- /run -->'] as const;

function runOnly(text: string): string {
  return text === '' ? '' : `${ofRun[0]}${text}${ofRun[1]}`;
}

/** A comment's text without what differs between two runs that found the same: sources and links. Names can't hold the marks, whose `<` is escaped in them. */
export function withoutRun(text: string): string {
  const pattern = new RegExp(`${ofRun[0]}.*?${ofRun[1]}`, 'gs');
  return text.replaceAll(pattern, '').replaceAll(/\[Full report\]\([^)\s]*\)/g, '[Full report]()');
}

function baselineLine(report: Report): string {
  const { source, note: why } = report.baseline;
  const note = why === '' ? '' : ` ${plain(why)}`;
  if (source === 'none') return `No baseline to compare with.${note}`;
  const { which, how } = comparison(report);
  return `Compared with ${which === null ? 'another report' : commit(which)}${runOnly(`, ${how}.${note}`)}`;
}

function toolLine(report: Report): string {
  const { emulators, compilers } = tools(report);
  const reused = reusedText(report);
  const measured =
    emulators.length === 0 ? 'Not emulated' : `Measured on ${plain(emulators.join(' and '), 200)}`;
  const compiled = compilers.length === 0 ? '' : `, compiled by ${plain(compilers.join(' and '), 200)}`;
  const spots = [...settingLines(report), ...blindSpots(report)].map((spot) => ` ${plain(spot, 200)}`);
  return [
    `${measured}${compiled}; tinyml-deploy ${plain(report.tool.version, 40)}.${spots.slice(0, 5).join('')}${runOnly(reused === '' ? '' : ` ${reused}`)}`,
    'Instructions are those that one inference executes: exact and the same on every run, not cycles or time. Flash and RAM are what the model adds to a product.',
  ].join('<br>\n');
}
