import type { LayerMeasurement, Measurement } from '../measurement.ts';

/** A layer now and the layer of the baseline that it answers to; one of them is null where a layer came or went. */
export interface LayerPair {
  readonly before: LayerMeasurement | null;
  readonly after: LayerMeasurement | null;
}

/** Beyond this many pairs to weigh, layers are matched by position. */
const maximumCells = 4_000_000;

/**
 * Pairs the layers of two versions of a model, in order: the alignment that pairs the most layers of one operator, and
 * among those the most of one output shape. A layer that was inserted does not shift those after it.
 */
export function pairLayers(
  before: readonly LayerMeasurement[],
  after: readonly LayerMeasurement[],
): LayerPair[] {
  const columns = after.length + 1;
  if ((before.length + 1) * columns > maximumCells) return byPosition(before, after);
  const likeness = (row: number, column: number): number => {
    const old = before[row];
    const now = after[column];
    if (old === undefined || now === undefined || old.operator !== now.operator) return 0;
    return String(old.outputShape) === String(now.outputShape) ? 5 : 4;
  };
  // best[row][column]: the most likeness that the layers from there on can reach.
  const best = new Int32Array((before.length + 1) * columns);
  const at = (row: number, column: number): number => best[row * columns + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--) {
      const like = likeness(row, column);
      const paired = like === 0 ? 0 : like + at(row + 1, column + 1);
      best[row * columns + column] = Math.max(paired, at(row + 1, column), at(row, column + 1));
    }

  const pairs: LayerPair[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const like = likeness(row, column);
    if (like > 0 && at(row, column) === like + at(row + 1, column + 1))
      pairs.push({ before: before[row++] ?? null, after: after[column++] ?? null });
    else if (row < before.length && at(row, column) === at(row + 1, column))
      pairs.push({ before: before[row++] ?? null, after: null });
    else pairs.push({ before: null, after: after[column++] ?? null });
  }
  return pairs;
}

function byPosition(before: readonly LayerMeasurement[], after: readonly LayerMeasurement[]): LayerPair[] {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => ({
    before: before[index] ?? null,
    after: after[index] ?? null,
  }));
}

/** `00_conv_2d`: the symbol without the model's prefix. */
export function layerName(layer: LayerMeasurement): string {
  return layer.symbol.replace(/^.*?_?layer_(?=\d)/, '');
}

/** `conv_2d_dsp, shared by 02, 04, 06`: a copy of a kernel, which is in no layer. */
export function sharedName({ kernel, layers }: Measurement['shared'][number], of: Measurement): string {
  const numbers = layers.map((step) => {
    const layer = of.layers[step];
    return layer === undefined ? String(step) : (/^\d+/.exec(layerName(layer))?.[0] ?? layerName(layer));
  });
  return `${kernel}, shared by ${numbers.join(', ')}`;
}

/** Bytes in flash: code, weights and tables. */
export function layerFlash(layer: LayerMeasurement): number {
  return layer.code + layer.weights + layer.tables;
}

/** True where a layer came, went, or costs something else than before. */
export function hasChanged({ before, after }: LayerPair): boolean {
  return (
    before === null ||
    after === null ||
    layerFlash(before) !== layerFlash(after) ||
    before.instructions !== after.instructions
  );
}
