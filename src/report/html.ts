import type { Measurement } from '../measurement.ts';
import { changedAnswers, type SightOf } from './html_answers.ts';
import { arenaMap } from './html_arena.ts';
import { flashMap } from './html_flash_map.ts';
import { layerList } from './html_layers.ts';
import { style } from './html_style.ts';
import { escapeHtml, figure, small } from './html_text.ts';
import { trendCharts } from './html_trend.ts';
import { bytes, counted, grouped } from './numbers.ts';
import type { Report } from './report.ts';
import {
  blindSpots,
  budgetLines,
  type Cell,
  changeSummary,
  comparison,
  composition,
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

/** One self-contained page: no script, no request, light and dark, readable on a phone. */
export function renderHtml(report: Report, sightOf: SightOf = () => ({ picture: '', name: '' })): string {
  const views = rowViews(report);
  const { status } = report.verdict;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(headline(report))}</title>
<style>${style}</style>
</head>
<body>
<header class="${status}">
<h1><span class="mark">${status === 'pass' ? '✔' : '✖'}</span> ${escapeHtml(headline(report))}</h1>
<p>${escapeHtml([baselineText(report), changeSummary(report, views)].filter((text) => text !== '').join(' '))}</p>
</header>
${reasons(report)}
${accepted(report)}
${notices(report)}
<main>
${views.length === 0 ? '' : overview(views)}
${changedAnswers(views, sightOf)}
<h2>Each deployment</h2>
${views
  .filter(({ row }) => row.presence !== 'removed')
  .map((view) => deployment(view, report))
  .join('\n')}
</main>
${footer(report)}
</body>
</html>
`;
}

function reasons({ verdict }: Report): string {
  if (verdict.reasons.length === 0) return '';
  const items = verdict.reasons.map((reason) => {
    const { kind, message, file, line } = reason;
    const subject = reasonSubject(reason);
    const start =
      subject === null
        ? ''
        : `<strong>${escapeHtml(subject.model, 60)}</strong> on <strong>${escapeHtml(subject.target, 60)}</strong>: `;
    const place =
      file === null || kind !== 'budget'
        ? ''
        : ` <code>${escapeHtml(line === null ? file : `${file}:${line}`)}</code>`;
    return `<li>${start}${escapeHtml(message)}${place}</li>`;
  });
  return `<ul class="reasons">\n${items.join('\n')}\n</ul>`;
}

function accepted({ accepted: all }: Report): string {
  if (all.length === 0) return '';
  const items = all.map(
    ({ model, target, message }) =>
      `<li class="accepted"><strong>${escapeHtml(model, 60)}</strong> on <strong>${escapeHtml(target, 60)}</strong>: ${escapeHtml(message)}</li>`,
  );
  return `<ul class="notices">\n${items.join('\n')}\n</ul>`;
}

function notices({ notices: all }: Report): string {
  if (all.length === 0) return '';
  const items = all.map((notice) => {
    const { model, target, more } = noticeSubject(notice);
    return `<li class="${notice.kind}"><strong>${escapeHtml(model, 60)}</strong> on <strong>${escapeHtml(target, 60)}</strong>${more}: ${escapeHtml(notice.message)}</li>`;
  });
  return `<ul class="notices">\n${items.join('\n')}\n</ul>`;
}

function overview(views: readonly RowView[]): string {
  const hasAccuracy = views.some(({ accuracy, answers }) => accuracy !== null || (answers?.changed ?? 0) > 0);
  const head = [
    'Model',
    'Target',
    'Flash',
    'RAM',
    'Instructions',
    'Verified',
    ...(hasAccuracy ? ['Accuracy'] : []),
  ];
  const rows = views.map((view) => {
    const cells = [
      labelled('Model', `<strong>${escapeHtml(view.row.model, 60)}</strong>${small(renameText(view.row))}`),
      labelled('Target', target(view)),
      ...view.cells.map(metricCell),
      labelled('Verified', verification(view)),
      ...(hasAccuracy ? [labelled('Accuracy', accuracy(view), 'number')] : []),
    ];
    return `<tr class="${view.row.presence === 'removed' ? 'removed' : view.row.status}">${cells.join('')}</tr>`;
  });
  return `<table class="overview">
<thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

/** On a phone each cell stands on a line of its own, after its label. */
function labelled(label: string, content: string, className = ''): string {
  return `<td data-label="${label}"${className === '' ? '' : ` class="${className}"`}><div>${content}</div></td>`;
}

function target({ row, measurement }: RowView): string {
  const title = measurement?.part?.title;
  return `${escapeHtml(row.target, 60)}${title === undefined ? '' : `<small>${escapeHtml(title, 60)}</small>`}`;
}

const labels = { flash: 'Flash', ram: 'RAM', instructions: 'Instructions' } as const;

function metricCell(cell: Cell): string {
  const lines = [
    figure(cell.number, cell.value),
    small(cell.change, cell.direction),
    ...cell.notes.map((note) => small(note)),
    small(cell.partShare),
    small(cell.budget, cell.isOver ? 'over' : ''),
  ];
  return labelled(labels[cell.metric], lines.join(''), 'number');
}

function verification({ verification: { status, text, note } }: RowView): string {
  return `<span class="${status}">${escapeHtml(text)}</span>${small(note)}`;
}

function accuracy({ accuracy: score, answers }: RowView): string {
  const changed =
    answers === null || answers.changed === 0
      ? ''
      : `${small(answers.count)}${small(answers.budget, answers.isOver ? 'over' : '')}`;
  if (score === null) return `—${changed}`;
  const { value, note, change, budget, isUnder, float } = score;
  return `${escapeHtml(value)}${small(note)}${small(change)}${changed}${small(float)}${small(budget, isUnder ? 'over' : '')}`;
}

function deployment(view: RowView, { trend }: Report): string {
  const { measurement, row } = view;
  const layers = layerViews(view);
  const changed = layers.filter((layer) => layer.hasChanged).length;
  const open = changed > 0 || row.status === 'fail' ? ' open' : '';
  return `<details class="deployment"${open}>
<summary><strong>${escapeHtml(row.model, 60)}</strong> on <strong>${escapeHtml(row.target, 60)}</strong>
<small>${counted(layers.length, 'layer')}${changed === 0 ? '' : `, ${grouped(changed)} changed`}</small></summary>
${measurement === null ? '' : pictures(measurement, view)}
${trendCharts(view, trend)}
${layers.length === 0 ? '' : `<h3>The graph and what each layer costs</h3>\n${layerList(view, layers)}`}
</details>`;
}

function pictures(measurement: Measurement, view: RowView): string {
  const { flash, ram, instructions, cycles } = composition(measurement);
  const budgets = budgetLines(view);
  const lines = [
    `Flash ${flash}.`,
    `RAM ${ram}.`,
    instructions === '' ? '' : `Instructions ${instructions}.`,
    cycles === '' ? '' : `Cycles ${cycles}.`,
    accuracyLine(view),
    budgets.length === 0 ? '' : `Budgets: ${budgets.join(', ')}.`,
  ].filter((line) => line !== '');
  const map = flashMap(measurement);
  const arena = arenaMap(measurement);
  return `<p class="composition">${lines.map((line) => escapeHtml(line, 1000)).join('<br>')}</p>
<div class="pictures">
${map === '' ? '' : `<section><h3>Flash by layer</h3>\n${map}</section>`}
${arena === '' ? '' : `<section><h3>The arena over time</h3>\n${arena}</section>`}
</div>
${sections(measurement)}`;
}

function accuracyLine({ accuracy: score }: RowView): string {
  return score === null ? '' : `Accuracy: ${score.line}.`;
}

function sections({ sections: all }: Measurement): string {
  const rows = all.map(
    ({ name, bytes: size, memory }) =>
      `<tr><td><code>${escapeHtml(name, 60)}</code></td><td>${memory === 'both' ? 'flash and RAM' : memory === 'ram' ? 'RAM' : 'flash'}</td><td class="number">${figure(size, bytes(size))}</td></tr>`,
  );
  if (rows.length === 0) return '';
  return `<details class="sections"><summary>Sections of the measured image, harness included</summary>
<table><tbody>
${rows.join('\n')}
</tbody></table></details>`;
}

function baselineText(report: Report): string {
  const { baseline } = report;
  const note = baseline.note === '' ? '' : ` ${baseline.note}`;
  if (baseline.source === 'none') return `No baseline to compare with.${note}`;
  const { which, how } = comparison(report);
  return `Compared with ${which === null ? 'another report' : `commit ${which.slice(0, 12)}`}, ${how}.${note}`;
}

function footer(report: Report): string {
  const { emulators, compilers } = tools(report);
  const flags = [
    ...new Set(report.measurements.map(({ target, compiler }) => `${target}: ${compiler.flags.join(' ')}`)),
  ];
  const lines = [
    `${emulators.length === 0 ? 'Not emulated' : `Measured on ${emulators.join(' and ')}`}${compilers.length === 0 ? '' : `, compiled by ${compilers.join(' and ')}`}.`,
    ...settingLines(report),
    ...(reusedText(report) === '' ? [] : [reusedText(report)]),
    ...blindSpots(report),
    'Instructions are those that one inference executes: exact and the same on every run, not cycles or time.',
    'Flash and RAM are what the model adds to a product: code, weights, tables and run-time library; tensor arena and static data.',
    `tinyml-deploy ${report.tool.version}, ${report.run.at}, ${report.run.host}${report.head.commit === null ? '' : `, commit ${report.head.commit.slice(0, 12)}`}.`,
  ];
  return `<footer>
${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
<details><summary>Compiler flags</summary>${flags.map((line) => `<p><code>${escapeHtml(line, 1000)}</code></p>`).join('')}</details>
</footer>`;
}
