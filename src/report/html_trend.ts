import { extent } from 'd3-array';
import { line } from 'd3-shape';
import { escapeHtml } from './html_text.ts';
import { quantity } from './numbers.ts';
import type { Metric } from './report.ts';
import { changeText, type RowView, type TrendStep, trendOf } from './view.ts';

/** In the units of the drawing; it is as wide as its column. */
const box = { width: 240, height: 70, side: 6, edge: 8 };

const charts = [
  { metric: 'flash', title: 'Flash' },
  { metric: 'ram', title: 'RAM' },
  { metric: 'instructions', title: 'Instructions' },
] as const satisfies readonly { metric: Metric; title: string }[];

/** What a deployment took over the last commits of the default branch, and takes now: a line for each metric, scaled to what it covers. */
export function trendCharts(view: RowView, steps: readonly TrendStep[]): string {
  const drawn = charts.flatMap(({ metric, title }) => {
    const chart = drawChart(metric, title, trendOf(view, steps, metric));
    return chart === '' ? [] : [chart];
  });
  if (drawn.length === 0) return '';
  const commits = steps.length === 1 ? 'last commit' : `last ${steps.length} commits`;
  return `<section class="trend"><h3>The ${commits} of the default branch, and this one</h3>
<div class="charts">${drawn.join('\n')}</div></section>`;
}

interface Point {
  readonly commit: string | null;
  readonly at: string | null;
  /** null: that commit did not have it, or it was not measured. */
  readonly value: number | null;
}

function drawChart(metric: Metric, title: string, points: readonly Point[]): string {
  const known = points.filter(({ value }) => value !== null);
  const [least, most] = extent(known, ({ value }) => value ?? undefined);
  // One point is no trend.
  if (known.length < 2 || least === undefined || most === undefined) return '';
  const x = (index: number): number =>
    box.side + ((box.width - 2 * box.side) * index) / Math.max(1, points.length - 1);
  const y = (value: number): number => {
    const from = least === most ? 0.5 : (value - least) / (most - least);
    return box.height - box.edge - from * (box.height - 2 * box.edge);
  };
  const path = line<Point>()
    .defined(({ value }) => value !== null)
    .x((_, index) => x(index))
    .y(({ value }) => y(value ?? 0))
    .digits(2)(points);
  const dots = points.flatMap(({ commit, at, value }, index) => {
    if (value === null) return [];
    const isNow = index === points.length - 1;
    const name = isNow ? 'now' : (commit?.slice(0, 12) ?? '');
    const day = at === null ? '' : `, ${at.slice(0, 10)}`;
    const label = escapeHtml(`${name}${day}: ${quantity(metric, value)}`, 100);
    return [
      `<circle${isNow ? ' class="now"' : ''} cx="${x(index).toFixed(2)}" cy="${y(value).toFixed(2)}" r="${isNow ? 4 : 2.2}"><title>${label}</title></circle>`,
    ];
  });
  const first = known[0]?.value ?? 0;
  const last = known.at(-1)?.value ?? 0;
  const change = first === last ? 'unchanged' : changeText(metric, first, last);
  const range =
    least === most ? quantity(metric, least) : `${quantity(metric, least)} to ${quantity(metric, most)}`;
  return `<figure><figcaption><strong>${title}</strong> ${escapeHtml(change)}</figcaption>
<svg viewBox="0 0 ${box.width} ${box.height}" role="img" aria-label="${escapeHtml(`${title} over ${points.length} commits: ${range}`)}"><path d="${path ?? ''}"/>${dots.join('')}</svg>
<figcaption>${escapeHtml(range)}</figcaption></figure>`;
}
