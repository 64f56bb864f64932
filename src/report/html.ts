import { printable } from '../errors.ts';
import { style } from './html_style.ts';
import { counted, grouped } from './numbers.ts';
import type { Report } from './report.ts';
import {
  blindSpots,
  type Cell,
  changeSummary,
  composition,
  headline,
  type LayerView,
  layerViews,
  type RowView,
  rowViews,
  tools,
} from './view.ts';

/** One self-contained page: no script, no request, light and dark, readable on a phone. */
export function renderHtml(report: Report): string {
  const views = rowViews(report);
  const { status } = report.verdict;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
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
<main>
${views.length === 0 ? '' : overview(views)}
<h2>Layers</h2>
${views
  .filter(({ row }) => row.presence !== 'removed')
  .map(layerSection)
  .join('\n')}
</main>
${footer(report)}
</body>
</html>
`;
}

function escapeHtml(text: string, limit = 400): string {
  return printable(text, limit).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function reasons({ verdict }: Report): string {
  if (verdict.reasons.length === 0) return '';
  const items = verdict.reasons.map(({ kind, model, target, message, file, line }) => {
    const place =
      file === null || kind !== 'budget'
        ? ''
        : ` <code>${escapeHtml(line === null ? file : `${file}:${line}`)}</code>`;
    return `<li><strong>${escapeHtml(model, 60)}</strong> on <strong>${escapeHtml(target, 60)}</strong>: ${escapeHtml(message)}${place}</li>`;
  });
  return `<ul class="reasons">\n${items.join('\n')}\n</ul>`;
}

function overview(views: readonly RowView[]): string {
  const hasAccuracy = views.some((view) => view.accuracy !== null);
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
      labelled('Model', `<strong>${escapeHtml(view.row.model, 60)}</strong>`),
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
    cell.value,
    cell.change === '' ? '' : `<small class="${cell.direction}">${escapeHtml(cell.change)}</small>`,
    small(cell.note),
    cell.partShare === '' ? '' : `<small>${escapeHtml(cell.partShare)}</small>`,
    cell.budget === ''
      ? ''
      : `<small class="${cell.isOver ? 'over' : ''}">${escapeHtml(cell.budget, 80)}</small>`,
  ];
  return labelled(labels[cell.metric], lines.join(''), 'number');
}

function verification({ verification: { status, text, note } }: RowView): string {
  return `<span class="${status}">${escapeHtml(text)}</span>${small(note)}`;
}

function accuracy({ accuracy: score }: RowView): string {
  if (score === null) return '—';
  return `${escapeHtml(score.value)}${small(score.note)}${small(score.change)}${score.budget === '' ? '' : `<small class="${score.isUnder ? 'over' : ''}">${escapeHtml(score.budget)}</small>`}`;
}

function small(text: string): string {
  return text === '' ? '' : `<small>${escapeHtml(text)}</small>`;
}

function layerSection(view: RowView): string {
  const layers = layerViews(view);
  const changed = layers.filter((layer) => layer.hasChanged).length;
  const parts = view.measurement === null ? null : composition(view.measurement);
  const lines = parts === null ? [] : [`Flash ${parts.flash}.`, `RAM ${parts.ram}.`];
  if (parts !== null && parts.instructions !== '') lines.push(`Instructions ${parts.instructions}.`);
  const open = changed > 0 || view.row.status === 'fail' ? ' open' : '';
  return `<details${open}>
<summary><strong>${escapeHtml(view.row.model, 60)}</strong> on <strong>${escapeHtml(view.row.target, 60)}</strong>
<small>${counted(layers.length, 'layer')}${changed === 0 ? '' : `, ${grouped(changed)} changed`}</small></summary>
<p class="composition">${lines.map((line) => escapeHtml(line)).join('<br>')}</p>
${layers.length === 0 ? '' : layerTable(layers)}
</details>`;
}

function layerTable(layers: readonly LayerView[]): string {
  const mostFlash = Math.max(1, ...layers.map(({ flash }) => flash));
  const mostInstructions = Math.max(1, ...layers.map(({ instructions }) => instructions ?? 0));
  const rows = layers.map((layer) => {
    const title = `<code>${escapeHtml(layer.name, 60)}</code>${layer.presence === '' ? '' : ` <em>${layer.presence}</em>`}`;
    const facts = [escapeHtml(layer.shape, 60), `${grouped(layer.macs)} MACs`];
    if (layer.instructionsPerMac !== '') facts.push(`${layer.instructionsPerMac} instructions per MAC`);
    return `<tr${layer.hasChanged ? ' class="changed"' : ''}>
<th scope="row">${title}<small>${facts.join(' · ')}</small></th>
<td>${bar('flash', layer.flash / mostFlash, `${grouped(layer.flash)} B`, '', layer.flashChange)}</td>
<td>${
      layer.instructions === null
        ? '—'
        : bar(
            'instructions',
            layer.instructions / mostInstructions,
            grouped(layer.instructions),
            layer.share,
            layer.instructionsChange,
          )
    }</td></tr>`;
  });
  return `<table class="layers">
<thead><tr><th>Layer</th><th>Flash</th><th>Instructions</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

/** `fraction` of the widest bar of the column, 0 to 1. */
function bar(kind: string, fraction: number, value: string, note: string, change: string): string {
  const direction = change.startsWith('+') ? 'up' : 'down';
  const extra = [
    note === '' ? '' : `<small>${escapeHtml(note)}</small>`,
    change === '' ? '' : `<small class="${direction}">${escapeHtml(change)}</small>`,
  ].join(' ');
  return `<div class="bar ${kind}"><i style="width:${(100 * fraction).toFixed(2)}%"></i></div><span>${value}</span> ${extra}`;
}

function baselineText({ baseline }: Report): string {
  const note = baseline.note === '' ? '' : ` ${baseline.note}`;
  if (baseline.source === 'none') return `No baseline to compare with.${note}`;
  const which = baseline.commit === null ? 'another report' : `commit ${baseline.commit.slice(0, 12)}`;
  return `Compared with ${which}.${note}`;
}

function footer(report: Report): string {
  const { emulators, compilers } = tools(report);
  const flags = [
    ...new Set(report.measurements.map(({ target, compiler }) => `${target}: ${compiler.flags.join(' ')}`)),
  ];
  const lines = [
    `${emulators.length === 0 ? 'Not emulated' : `Measured on ${emulators.join(' and ')}`}${compilers.length === 0 ? '' : `, compiled by ${compilers.join(' and ')}`}.`,
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
