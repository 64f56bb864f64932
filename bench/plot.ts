import { type Peers, peerResult } from './peers.ts';
import type { OurResult, Results } from './results.ts';

/** A picture of the results: ours as a share of TFLM + CMSIS-NN on one core. A string of SVG, from the data alone. */

const models = [
  ['kws_ref_model', 'Keyword spotting'],
  ['vww_96_int8', 'Visual wake words'],
  ['pretrainedResnet_quant', 'Image classification'],
  ['ad01_int8', 'Anomaly detection'],
] as const;

const settings = [
  ['speed', '#1f6feb'],
  ['balanced', '#58a6ff'],
  ['size', '#a5d6ff'],
] as const;

const panels = [
  { title: 'Executed instructions', ours: (row: OurResult) => row.instructions, theirs: 'instructions' },
  { title: 'RAM', ours: (row: OurResult) => row.ramBytes, theirs: 'ramBytes' },
  { title: 'Flash', ours: (row: OurResult) => row.flashBytes, theirs: 'flashBytes' },
] as const;

const size = { width: 960, panel: 250, left: 150, gap: 20, top: 74, bar: 13, group: 58 } as const;
const scaleEnd = 110;

export function renderPlot(
  { results, date }: Pick<Results, 'results' | 'date'>,
  peers: Peers,
  target: string,
): string {
  const height = size.top + models.length * size.group + 34;
  const drawn = panels.map((panel, index) => {
    const left = size.left + index * (size.panel + size.gap);
    const x = (percent: number): number => left + (Math.min(percent, scaleEnd) / scaleEnd) * size.panel;
    const bottom = size.top + models.length * size.group;
    const grid = [0, 25, 50, 75, 100].map(
      (percent) =>
        `<line x1="${round(x(percent))}" y1="${size.top - 6}" x2="${round(x(percent))}" y2="${bottom}" class="${percent === 100 ? 'whole' : 'grid'}"/>` +
        text(x(percent), bottom + 15, `${percent}%`, 'tick', 'middle'),
    );
    const bars = models.flatMap(([model], row) => {
      const theirs = peerResult(peers, { model, target }, 'tflm-cmsis-nn')?.[panel.theirs];
      return settings.flatMap(([optimize, colour], bar) => {
        const ours = results.find(
          (each) => each.model === model && each.target === target && each.optimize === optimize,
        );
        const value = ours === undefined ? null : panel.ours(ours);
        if (theirs === undefined || value === null) return [];
        const percent = (100 * value) / theirs;
        const y = size.top + row * size.group + bar * (size.bar + 2);
        return [
          `<rect x="${left}" y="${y}" width="${round(x(percent) - left)}" height="${size.bar}" fill="${colour}"><title>${escaped(`${optimize}: ${value.toLocaleString('en-US')} of ${theirs.toLocaleString('en-US')}`)}</title></rect>`,
          text(
            x(percent) + 4,
            y + size.bar - 2.5,
            `${percent.toFixed(percent < 10 ? 1 : 0)}%`,
            'value',
            'start',
          ),
        ];
      });
    });
    return [text(left, size.top - 14, panel.title, 'title', 'start'), ...grid, ...bars].join('\n');
  });
  const names = models.map(([, name], row) =>
    text(size.left - 10, size.top + row * size.group + 27, name, 'name', 'end'),
  );
  const legend = settings.map(
    ([name, colour], index) =>
      `<rect x="${size.left + index * 100}" y="26" width="12" height="12" fill="${colour}"/>` +
      text(size.left + index * 100 + 18, 36, name, 'name', 'start'),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-label="${escaped(`Ours as a share of TensorFlow Lite Micro with CMSIS-NN on ${target}`)}">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 13px; }
.tick, .value { font-size: 11px; fill: #59636e; }
.value { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
.grid { stroke: #d1d9e0; }
.whole { stroke: #59636e; stroke-dasharray: 4 3; }
</style>
<rect width="${size.width}" height="${height}" fill="#ffffff"/>
${text(10, 18, `Share of what TensorFlow Lite Micro with CMSIS-NN takes on ${target} (100%, dashed); less is better. ${date}`, 'title', 'start')}
${legend.join('\n')}
${names.join('\n')}
${drawn.join('\n')}
</svg>
`;
}

function text(
  x: number,
  y: number,
  content: string,
  kind: string,
  anchor: 'start' | 'middle' | 'end',
): string {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
