import type { TypedArray } from '../graph/graph.ts';
import { stridedIndices, stridesOf } from './broadcast.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape, resolveAxes } from './requirements.ts';

/** Output dimension i is input dimension permutation[i]. */
export function permutation(node: Node): readonly number[] {
  const rank = inputOf(node, 0).shape.length;
  const axes = constantIntegers(node, 1);
  if (axes.length !== rank || resolveAxes(node, axes, rank).length !== rank)
    throw invalid(node, `[${axes.join(', ')}] is no permutation of ${rank} dimensions`, inputOf(node, 1));
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** For each output element the input element. */
function transposedMap(node: Node): ElementMap {
  const { input, output } = movedTensors(node);
  const strides = stridesOf(input.shape);
  const permuted = permutation(node).map((axis) => strides[axis] as number);
  return stridedIndices(output.shape, permuted, 0);
}

export const transpose = defineOperator<null>({
  kind: 'TRANSPOSE',
  code: 39,
  supports: 'any type, input and output, constant permutation',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    requireShape(
      node,
      output,
      permutation(node).map((axis) => input.shape[axis] as number),
    );
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, transposedMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: transposedMap(node) }),
});
