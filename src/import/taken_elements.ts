import { elementCount } from '../graph/graph.ts';
import { shapeOf, type Value } from './arrangement.ts';
import { integerConstant, mostElements } from './constant.ts';
import { gather, reshape } from './element_layers.ts';
import { type Layer, refused } from './network.ts';

/** Elements of a value picked by positions that are known beforehand: one GATHER for each dimension. */

/** Position `positions[i]` along a dimension becomes position i. */
export function taken(layer: Layer, x: Value, axis: number, positions: readonly number[]): Value {
  const extent = shapeOf(x)[axis] ?? 0;
  if (positions.length === extent && positions.every((position, at) => position === at)) return x;
  return gather(layer, x, integerConstant([positions.length], positions), axis);
}

/** Several dimensions; null leaves one as it is. */
export function takenAll(layer: Layer, x: Value, by: readonly (readonly number[] | null)[]): Value {
  return by.reduce(
    (value: Value, positions, axis) =>
      positions === null
        ? value
        : taken({ ...layer, name: `${layer.name}/along_${axis}` }, value, axis, positions),
    x,
  );
}

/** Elements by their places in the value's row-major order, in a new shape. */
export function takenFlat(
  layer: Layer,
  x: Value,
  places: readonly number[],
  shape: readonly number[],
): Value {
  const flat = reshape({ ...layer, name: `${layer.name}/flat` }, x, [elementCount(shapeOf(x))]);
  return reshape(layer, taken({ ...layer, name: `${layer.name}/taken` }, flat, 0, places), shape);
}

/** numpy's broadcasting of a value to a shape, the elements repeated. */
export function repeatedTo(layer: Layer, x: Value, shape: readonly number[]): Value {
  const from = shapeOf(x);
  const ones = Array.from({ length: shape.length - from.length }, () => 1);
  requireSmall(layer, shape);
  const ranked = reshape({ ...layer, name: `${layer.name}/ranked` }, x, [...ones, ...from]);
  return takenAll(
    layer,
    ranked,
    shape.map((size, axis) => {
      const own = shapeOf(ranked)[axis];
      return own === size ? null : Array.from({ length: size }, () => 0);
    }),
  );
}

/** The whole value side by side with itself, so many times along each dimension. */
export function tiled(layer: Layer, x: Value, repeats: readonly number[]): Value {
  const shape = shapeOf(x);
  if (
    repeats.length !== shape.length ||
    repeats.some((times) => !Number.isInteger(times) || times < 1 || times > mostElements)
  )
    throw refused(
      layer,
      `repeats [${repeats.join(', ')}] do not fit ${shape.length} dimensions`,
      'Repeat at least once.',
    );
  requireSmall(
    layer,
    shape.map((size, axis) => size * (repeats[axis] as number)),
  );
  return takenAll(
    layer,
    x,
    shape.map((size, axis) => Array.from({ length: size * (repeats[axis] as number) }, (_, at) => at % size)),
  );
}

function requireSmall(layer: Layer, shape: readonly number[]): void {
  if (elementCount(shape) > mostElements)
    throw refused(
      layer,
      `the shape [${shape.join(', ')}] is too large`,
      'No network for a microcontroller is that large.',
    );
}

export type EdgeMode = 'edge' | 'wrap' | 'reflect' | 'symmetric';

/** Padding whose elements are the value's own, as numpy names the modes. `edges`: before each dimension, then after. */
export function paddedByOwn(layer: Layer, x: Value, edges: readonly number[], mode: EdgeMode): Value {
  const shape = shapeOf(x);
  requireSmall(
    layer,
    shape.map((size, axis) => size + (edges[axis] ?? 0) + (edges[axis + shape.length] ?? 0)),
  );
  return takenAll(
    layer,
    x,
    shape.map((size, axis) => {
      const [before = 0, after = 0] = [edges[axis], edges[axis + shape.length]];
      if (before === 0 && after === 0) return null;
      const count = size + before + after;
      if (!Number.isInteger(count) || before < 0 || after < 0 || count > mostElements)
        throw refused(
          layer,
          `paddings [${edges.join(', ')}] are not supported`,
          'Pad by fixed, positive numbers.',
        );
      return Array.from({ length: count }, (_, at) => ownPosition(at - before, size, mode));
    }),
  );
}

function ownPosition(at: number, size: number, mode: EdgeMode): number {
  const within = (period: number) => ((at % period) + period) % period;
  switch (mode) {
    case 'edge':
      return Math.min(Math.max(at, 0), size - 1);
    case 'wrap':
      return within(size);
    case 'reflect': {
      if (size === 1) return 0;
      const place = within(2 * size - 2);
      return place < size ? place : 2 * size - 2 - place;
    }
    case 'symmetric': {
      const place = within(2 * size);
      return place < size ? place : 2 * size - 1 - place;
    }
  }
}
