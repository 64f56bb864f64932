import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, mapByAxis, movedTensors, pickElements, range, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, requireCounts, requireShape, resolveAxes } from './requirements.ts';

/** For each output element the input element. */
function reversedMap(node: Node): ElementMap {
  const { shape } = inputOf(node, 0);
  const axes = resolveAxes(node, constantIntegers(node, 1), shape.length);
  return mapByAxis(
    shape,
    shape.map((extent, axis) => (axes.includes(axis) ? range(extent).toReversed() : range(extent))),
  );
}

export const reverseV2 = defineOperator<null>({
  kind: 'REVERSE_V2',
  code: 105,
  supports: 'any type, input and output of the same scale, constant axes',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    resolveAxes(node, constantIntegers(node, 1), input.shape.length);
    requireShape(node, output, input.shape);
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, reversedMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: reversedMap(node) }),
});
