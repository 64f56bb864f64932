import type { LayerMeasurement } from '../measurement.ts';
import { escapeHtml, figure, percentOf, small } from './html_text.ts';
import { sharedName } from './layers.ts';
import { bytes, grouped } from './numbers.ts';
import { type RailPiece, railsOf } from './rails.ts';
import type { LayerView, RowView } from './view.ts';

/** The graph as the list of its layers in the order in which they run, with what each one costs, before and now. */
export function layerList(view: RowView, layers: readonly LayerView[]): string {
  const present = view.layers.flatMap(({ after }) => (after === null ? [] : [after]));
  const { pieces, lanes } = railsOf(present.map(({ inputs }) => inputs));
  const most = (of: (layer: LayerView) => readonly (number | null)[]) =>
    Math.max(1, ...layers.flatMap(of).map((value) => value ?? 0));
  const mostFlash = Math.max(
    most(({ flash, before }) => [flash, before?.flash ?? 0]),
    ...(view.measurement?.shared ?? []).map(({ code }) => code),
  );
  const mostInstructions = most(({ instructions, before }) => [instructions, before?.instructions ?? 0]);
  let position = -1;
  const items = layers.map((layer) => {
    const isGone = layer.presence === 'removed';
    if (!isGone) position += 1;
    const rail = isGone ? passing(pieces[position] ?? []) : (pieces[position] ?? []);
    return `<li${layer.hasChanged ? ' class="changed"' : ''}>
<div class="rail">${rail.map(line).join('')}${isGone ? '' : '<b></b>'}</div>
<div class="name"><code>${escapeHtml(layer.name, 60)}</code>${layer.presence === '' ? '' : ` <em>${layer.presence}</em>`}<small>${facts(layer, isGone ? null : (present[position] ?? null), position)}</small></div>
<div class="cost">${flashBar(layer, mostFlash)}</div>
<div class="cost">${instructionsBar(layer, mostInstructions)}</div>
</li>`;
  });
  const { measurement } = view;
  const shared = (measurement?.shared ?? []).map(
    (each) => `<li>
<div class="rail"></div>
<div class="name"><code>${escapeHtml(each.kernel, 60)}</code><small>${escapeHtml(measurement === null ? '' : sharedName(each, measurement).replace(/^\w+, /, ''), 200)}</small></div>
<div class="cost"><div class="bar"><i class="code" style="width:${percentOf(each.code, mostFlash)}"></i></div>
<span>${figure(each.code, bytes(each.code))}</span></div>
<div class="cost"></div>
</li>`,
  );
  return `<ol class="layers" style="--lanes:${lanes}">
<li class="head"><div class="rail"></div><div>Layer</div><div>Flash</div><div>Instructions</div></li>
${[...items, ...shared].join('\n')}
</ol>`;
}

/** What goes by on its way from above to below a layer that is no more. */
function passing(pieces: readonly RailPiece[]): RailPiece[] {
  return pieces
    .filter(({ part }) => part !== 'top')
    .map(({ lane }) => ({ lane, part: 'whole', turns: false }));
}

function line({ lane, part, turns }: RailPiece): string {
  return `<i class="${part}${turns ? ' turn' : ''}" style="--lane:${lane}"></i>`;
}

function facts(layer: LayerView, measured: LayerMeasurement | null, position: number): string {
  const isPlain = measured === null || String(measured.inputs) === String(position - 1);
  const from = isPlain
    ? []
    : [`reads ${measured.inputs.map((input) => (input < 0 ? 'the input' : input)).join(', ')}`];
  const perMac = layer.instructionsPerMac === '' ? [] : [`${layer.instructionsPerMac} instructions per MAC`];
  return [layer.shape, `${grouped(layer.macs)} MACs`, ...perMac, ...from]
    .map((fact) => escapeHtml(fact, 60))
    .join(' · ');
}

function flashBar({ flash, code, weights, tables, flashChange, before }: LayerView, most: number): string {
  const parts = [
    ['code', code],
    ['weights', weights],
    ['tables', tables],
  ] as const;
  const segments = parts
    .filter(([, size]) => size > 0)
    .map(([kind, size]) => `<i class="${kind}" style="width:${percentOf(size, most)}"></i>`);
  const title = parts.map(([kind, size]) => `${kind} ${bytes(size)}`).join(', ');
  return `${beforeBar(before?.flash ?? null, flash, most)}<div class="bar" title="${title}">${segments.join('')}</div>
<span>${figure(flash, bytes(flash))}</span> ${changed(flashChange)}`;
}

function instructionsBar(layer: LayerView, most: number): string {
  const { instructions, before } = layer;
  if (instructions === null) return '—';
  return `${beforeBar(before?.instructions ?? null, instructions, most)}<div class="bar"><i class="instructions" style="width:${percentOf(instructions, most)}"></i></div>
<span>${figure(instructions, grouped(instructions))}</span><small class="unit"> instructions</small> ${small(layer.share)} ${changed(layer.instructionsChange)}`;
}

/** Drawn only where it says something. */
function beforeBar(before: number | null, now: number, most: number): string {
  if (before === null || before === now) return '';
  return `<div class="bar before" title="before: ${grouped(before)}"><i style="width:${percentOf(before, most)}"></i></div>`;
}

function changed(text: string): string {
  return small(text, text.startsWith('+') ? 'up' : 'down');
}
