import { bytesPerElement, type ElementType, type Tensor, type TypedArray } from '../graph/graph.ts';
import { inputOf, type Node, outputOf } from './operator.ts';
import { scaleOf } from './quantization.ts';
import { requireRank, requireSameQuantization, requireType } from './requirements.ts';

/**
 * Operators that only move values (TRANSPOSE, SLICE, PAD …) say for each output element which input element
 * it is; −1 stands for a value that comes from elsewhere (padding).
 */
export type ElementMap = Int32Array;

export function pickElements<Elements extends TypedArray>(
  values: Elements,
  map: ElementMap,
  filling = 0,
): Elements {
  if (values instanceof BigInt64Array)
    return BigInt64Array.from(map, (from) =>
      from < 0 ? BigInt(filling) : (values[from] as bigint),
    ) as Elements;
  const result = emptyLike(values, map.length) as Exclude<TypedArray, BigInt64Array>;
  for (let at = 0; at < map.length; at++) {
    const from = map[at] as number;
    result[at] = from < 0 ? filling : (values[from] as number);
  }
  return result as Elements;
}

/** An array of zeros of the same element type. */
export function emptyLike<Elements extends TypedArray>(values: Elements, length: number): Elements {
  return new (values.constructor as new (length: number) => Elements)(length);
}

const movableTypes = Object.keys(bytesPerElement) as readonly ElementType[];

/** Constants that a kernel may read where they are. */
const constantTypes = movableTypes.filter((type) => type !== 'int64');

/** Moving keeps type, scale and zero point, whatever the type. */
export function requireMovable(
  node: Node,
  input: Tensor,
  output: Tensor,
  ranks: readonly [number, number],
): void {
  requireType(node, input, input.data === null ? movableTypes : constantTypes);
  requireType(node, output, movableTypes);
  for (const tensor of [input, output]) if (tensor.type === 'int8') scaleOf(node, tensor);
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

/** What stands for the real zero in a tensor. */
export function zeroIn({ quantization }: Tensor): number {
  return quantization?.zeroPoints[0] ?? 0;
}
