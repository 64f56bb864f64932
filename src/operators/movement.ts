import type { Tensor } from '../graph/graph.ts';
import { inputOf, type Node, outputOf } from './operator.ts';
import { requireInt8, requireRank, requireSameQuantization } from './requirements.ts';

/**
 * Operators that only move values (TRANSPOSE, SLICE, PAD …) say for each output element which input element
 * it is; −1 stands for a value that comes from elsewhere (padding).
 */
export type ElementMap = Int32Array;

export function pickElements<Elements extends Int8Array | Float32Array>(
  values: Elements,
  map: ElementMap,
  filling = 0,
): Elements {
  const isFloat = values instanceof Float32Array;
  const result = (isFloat ? new Float32Array(map.length) : new Int8Array(map.length)) as Elements;
  for (let at = 0; at < map.length; at++) {
    const from = map[at] as number;
    result[at] = from < 0 ? filling : (values[from] as number);
  }
  return result;
}

/** Moving keeps type, scale and zero point. */
export function requireMovable(
  node: Node,
  input: Tensor,
  output: Tensor,
  ranks: readonly [number, number],
): void {
  requireInt8(node, input);
  requireInt8(node, output);
  requireRank(node, input, ...ranks);
  requireSameQuantization(node, input, output);
}

/** An index map built from one map per dimension: output coordinate → input coordinate, −1 for padding. */
export function mapByAxis(shape: readonly number[], axes: readonly (readonly number[])[]): ElementMap {
  let map: Int32Array = new Int32Array(1);
  for (const [axis, coordinates] of axes.entries()) {
    const extent = shape[axis] as number;
    const next: Int32Array = new Int32Array(map.length * coordinates.length);
    let at = 0;
    for (const base of map) {
      for (const coordinate of coordinates) {
        next[at++] = base < 0 || coordinate < 0 ? -1 : base * extent + coordinate;
      }
    }
    map = next;
  }
  return map;
}

export function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}

/** The node's only data input and output, which most of these operators have. */
export function movedTensors(node: Node): { readonly input: Tensor; readonly output: Tensor } {
  return { input: inputOf(node, 0), output: outputOf(node) };
}
