import type { ArenaBuffer, Measurement } from '../measurement.ts';
import { arenaPeak } from './arena.ts';
import { escapeHtml, percentOf } from './html_text.ts';
import { layerName } from './layers.ts';
import { bytes, grouped } from './numbers.ts';

/** The tensor arena over time: a column for each layer, a block for each buffer from its first to its last use, the peak marked. */
export function arenaMap(measurement: Measurement): string {
  const { arena, layers, ram } = measurement;
  const height = Math.max(ram.arena, ...arena.map(({ offset, bytes: size }) => offset + size));
  if (arena.length === 0 || height === 0) return '';
  const peak = arenaPeak(arena, layers.length);
  // One column before the first layer, where inputs are filled in, and one after the last.
  const columns = layers.length + 2;
  const at = (step: number) => Math.min(Math.max(step + 1, 0), columns - 1);
  const nameOf = (step: number): string => {
    const layer = layers[step];
    if (layer !== undefined) return layerName(layer);
    return step < 0 ? 'before the first layer' : 'after the last layer';
  };
  const blocks = arena.map((buffer) => {
    const first = at(buffer.firstStep);
    const style = [
      `left:${percentOf(first, columns)}`,
      `width:${percentOf(at(buffer.lastStep) - first + 1, columns)}`,
      `bottom:${percentOf(buffer.offset, height)}`,
      `height:${percentOf(buffer.bytes, height)}`,
    ].join(';');
    const title = `${buffer.label}: ${bytes(buffer.bytes)} at ${grouped(buffer.offset)}, from ${nameOf(buffer.firstStep)} to ${nameOf(buffer.lastStep)}`;
    return `<div class="${kindOf(buffer)}" style="${style}" title="${escapeHtml(title)}"><span>${grouped(buffer.bytes)}</span></div>`;
  });
  const peakStyle = `left:${percentOf(at(peak.step), columns)};width:${percentOf(1, columns)}`;
  const every = Math.ceil(columns / 24);
  const ticks = Array.from({ length: columns }, (_, column) => {
    const name = column === 0 ? 'in' : column === columns - 1 ? 'out' : String(column - 1);
    const isShown = column === 0 || column === columns - 1 || (column - 1) % every === 0;
    return `<span${column === at(peak.step) ? ' class="peak"' : ''}>${isShown ? name : ''}</span>`;
  });
  const rows = arena
    .toSorted((a, b) => a.firstStep - b.firstStep || a.offset - b.offset)
    .map(
      (buffer) =>
        `<tr><td>${escapeHtml(buffer.label, 120)}</td><td class="number"><data value="${buffer.offset}">${grouped(buffer.offset)}</data></td><td class="number"><data value="${buffer.bytes}">${grouped(buffer.bytes)}</data></td><td>${escapeHtml(nameOf(buffer.firstStep))} – ${escapeHtml(nameOf(buffer.lastStep))}</td></tr>`,
    );
  return `<figure class="arena">
<div class="scroll"><div class="plot" style="min-width:${columns * 0.9}rem">
<div class="area" role="img" aria-label="Buffers of the arena by layer"><div class="peak" style="${peakStyle}"></div>${blocks.join('\n')}</div>
<div class="ticks">${ticks.join('')}</div>
</div></div>
<figcaption>Up: ${bytes(height)} of arena. Right: layers, in the order in which they run. <strong>Peak</strong>: <data value="${peak.bytes}">${bytes(peak.bytes)}</data> in use, first at ${escapeHtml(nameOf(peak.step))}.
<span><i class="tensor"></i>tensor</span> <span><i class="edge"></i>input or output of the model</span> <span><i class="scratch"></i>scratch</span></figcaption>
<details><summary>${grouped(arena.length)} buffers</summary>
<table class="buffers"><thead><tr><th>Tensor</th><th class="number">Offset</th><th class="number">Bytes</th><th>Lives</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></details>
</figure>`;

  function kindOf({ label, firstStep, lastStep }: ArenaBuffer): string {
    if (firstStep < 0 || lastStep >= layers.length) return 'edge';
    return label.startsWith('scratch of layer ') ? 'scratch' : 'tensor';
  }
}
