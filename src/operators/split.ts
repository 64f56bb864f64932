import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, mapByAxis, pickElements, range, requireMovable } from './movement.ts';
import { lowerMoves } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape, resolveAxis } from './requirements.ts';

/** Input 0 is the axis, input 1 the data. */
export function splitAxis(node: Node): number {
  const [axis] = constantIntegers(node, 0);
  if (axis === undefined) throw invalid(node, 'the axis is empty', inputOf(node, 0));
  return resolveAxis(node, axis, inputOf(node, 1).shape.length);
}

/** For each part of `lengths` along the axis the element of `shape` that each of its elements is. */
export function partMaps(
  shape: readonly number[],
  axis: number,
  lengths: readonly number[],
): readonly ElementMap[] {
  let start = 0;
  return lengths.map((length) => {
    const first = start;
    start += length;
    return mapByAxis(
      shape,
      shape.map((extent, at) => (at === axis ? range(length).map((index) => index + first) : range(extent))),
    );
  });
}

function equalParts(node: Node): readonly ElementMap[] {
  const { shape } = inputOf(node, 1);
  const axis = splitAxis(node);
  const part = (shape[axis] as number) / node.outputs.length;
  return partMaps(
    shape,
    axis,
    node.outputs.map(() => part),
  );
}

/** Equal parts along one dimension. */
export const split = defineOperator<null>({
  kind: 'SPLIT',
  code: 49,
  supports: 'any type, input and outputs of the same scale, constant axis',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], node.outputs.length);
    const input = inputOf(node, 1);
    const axis = splitAxis(node);
    const part = (input.shape[axis] as number) / node.outputs.length;
    for (const output of node.outputs) {
      requireMovable(node, input, output, [1, 8]);
      requireShape(
        node,
        output,
        input.shape.map((extent, at) => (at === axis ? part : extent)),
      );
    }
  },

  reference(node, inputs): TypedArray[] {
    return equalParts(node).map((map) => pickElements(inputs[1] as TypedArray, map));
  },

  lower: (node) =>
    lowerMoves(
      node,
      equalParts(node).map((map, output) => ({ input: 1, output, map })),
    ),
});
