import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { Measurement } from '../measurement.ts';
import { escapeHtml } from './html_text.ts';
import { layerFlash, layerName, sharedName } from './layers.ts';
import { bytes, grouped, share } from './numbers.ts';

/** What flash holds. */
export const flashKinds = ['code', 'weights', 'tables', 'runtime'] as const;
type FlashKind = (typeof flashKinds)[number];

interface Piece {
  readonly name: string;
  readonly bytes: number;
  readonly kind?: FlashKind;
  readonly pieces?: readonly Piece[];
}

/** Twice as wide as high, in any unit. */
const box = { width: 200, height: 100 };

/** A treemap of the flash that a model adds: an area for each layer, in it code, weights and tables, to scale. */
export function flashMap(measurement: Measurement): string {
  const root = hierarchy<Piece>(
    { name: '', bytes: 0, pieces: piecesOf(measurement) },
    ({ pieces }) => pieces,
  ).sum(({ bytes }) => bytes);
  if (root.value === undefined || root.value === 0) return '';
  const { children = [] } = treemap<Piece>().tile(treemapSquarify).size([box.width, box.height])(
    root.sort((a, b) => (b.value ?? 0) - (a.value ?? 0)),
  );
  const total = root.value;
  const areas = children.map((layer) => {
    const leaves = (layer.children ?? [layer]).map(
      (leaf) => `<i class="${leaf.data.kind ?? 'runtime'}" style="${placed(leaf, layer)}"></i>`,
    );
    const words = (layer.children ?? []).map(({ data }) => `${data.kind} ${bytes(data.bytes)}`).join(', ');
    const title = `${layer.data.name}: ${bytes(layer.value ?? 0)}, ${share(layer.value ?? 0, total)}${words === '' ? '' : ` (${words})`}`;
    const size = grouped(layer.value ?? 0);
    const label = labelsOf(layer.data.name, `${size} B`).find((lines) => roomFor(layer, lines)) ?? [];
    const text = label.map((line) => `<span>${escapeHtml(line, 60)}</span>`).join('');
    return `<div style="${placed(layer, { x0: 0, y0: 0, x1: box.width, y1: box.height })}" title="${escapeHtml(title)}">${leaves.join('')}${text}</div>`;
  });
  return `<figure class="flash-map">
<div class="map" role="img" aria-label="Flash by layer">${areas.join('\n')}</div>
<figcaption>${flashKinds.map((kind) => `<span><i class="${kind}"></i>${legend[kind]} ${bytes(measurement.flash[kind])}</span>`).join(' ')}</figcaption>
</figure>`;
}

/** From the longest to the shortest: `01_conv_2d` over its size, `01` over it, `01`. */
function labelsOf(name: string, size: string): string[][] {
  const number = /^\d+(?=_)/.exec(name)?.[0] ?? '';
  return [[name, size], ...(number === '' ? [] : [[number, size], [number]])];
}

/** Whether lines of small print fit into an area, at the width that the map has on a desk: 2.4 pixels to the unit. */
function roomFor({ x0, x1, y0, y1 }: Rectangle, lines: readonly string[]): boolean {
  const longest = Math.max(...lines.map(({ length }) => length));
  return x1 - x0 >= 4 + 2.6 * longest && y1 - y0 >= 6 * lines.length + 1;
}

const legend: Readonly<Record<FlashKind, string>> = {
  code: 'code',
  weights: 'weights',
  tables: 'tables',
  runtime: 'run-time library',
};

/** The layers by what they hold; what is in no layer stands beside them. */
function piecesOf(measurement: Measurement): Piece[] {
  const { flash, layers, shared } = measurement;
  const known =
    layers.reduce((sum, layer) => sum + layerFlash(layer), 0) +
    shared.reduce((sum, { code }) => sum + code, 0);
  const whole: Piece[] = [
    { name: 'run-time library', bytes: flash.runtime, kind: 'runtime' },
    ...shared.map((each): Piece => ({ name: sharedName(each, measurement), bytes: each.code, kind: 'code' })),
    { name: 'outside of layers', bytes: Math.max(0, flash.total - flash.runtime - known), kind: 'code' },
  ];
  return [
    ...layers.map((layer) => ({
      name: layerName(layer),
      bytes: 0,
      pieces: (['code', 'weights', 'tables'] as const)
        .map((kind) => ({ name: kind, bytes: layer[kind], kind }))
        .filter((piece) => piece.bytes > 0),
    })),
    ...whole,
  ].filter(({ bytes, pieces }) => bytes > 0 || (pieces ?? []).length > 0);
}

interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Where a rectangle lies in the one around it. */
function placed(inner: Rectangle, outer: Rectangle): string {
  const width = outer.x1 - outer.x0 || 1;
  const height = outer.y1 - outer.y0 || 1;
  const percent = (value: number) => `${(100 * value).toFixed(3)}%`;
  return [
    `left:${percent((inner.x0 - outer.x0) / width)}`,
    `top:${percent((inner.y0 - outer.y0) / height)}`,
    `width:${percent((inner.x1 - inner.x0) / width)}`,
    `height:${percent((inner.y1 - inner.y0) / height)}`,
  ].join(';');
}
