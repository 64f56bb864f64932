import type { TypedArray } from '../graph/graph.ts';
import { broadcastIndices, broadcastShape } from './broadcast.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape, sameShape } from './requirements.ts';

/** For each output element the input element. */
function broadcastMap(node: Node): ElementMap {
  return broadcastIndices(inputOf(node, 0), outputOf(node));
}

/** NumPy broadcasting to the shape that input 1 says. */
export const broadcastTo = defineOperator<null>({
  kind: 'BROADCAST_TO',
  code: 130,
  supports: 'any type, input and output of the same scale, constant shape',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [0, 8]);
    const shape = constantIntegers(node, 1);
    requireShape(node, output, shape);
    if (!sameShape(broadcastShape(input.shape, shape) ?? [], shape))
      throw invalid(
        node,
        `[${input.shape.join(', ')}] does not broadcast to [${shape.join(', ')}]`,
        inputOf(node, 1),
      );
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, broadcastMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: broadcastMap(node) }),
});
