import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, pickElements, requireMovable } from './movement.ts';
import { lowerMoves } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape, resolveAxis } from './requirements.ts';
import { partMaps } from './split.ts';

/** Input 0 is the data, input 2 the axis. */
function splitAxis(node: Node): number {
  const [axis] = constantIntegers(node, 2);
  if (axis === undefined) throw invalid(node, 'the axis is empty', inputOf(node, 2));
  return resolveAxis(node, axis, inputOf(node, 0).shape.length);
}

/** Input 1 says how long each part is along the axis; one −1 stands for what is left. */
function partLengths(node: Node): readonly number[] {
  const extent = inputOf(node, 0).shape[splitAxis(node)] as number;
  const given = constantIntegers(node, 1);
  const known = given.reduce((sum, length) => sum + Math.max(length, 0), 0);
  const lengths = given.map((length) => (length === -1 ? extent - known : length));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (given.length !== node.outputs.length || total !== extent || lengths.some((length) => length < 1))
    throw invalid(
      node,
      `parts of [${given.join(', ')}] do not make ${node.outputs.length} outputs of ${extent}`,
      inputOf(node, 1),
    );
  return lengths;
}

function maps(node: Node): readonly ElementMap[] {
  return partMaps(inputOf(node, 0).shape, splitAxis(node), partLengths(node));
}

/** Parts of any lengths along one dimension. */
export const splitV = defineOperator<null>({
  kind: 'SPLIT_V',
  code: 102,
  supports: 'any type, input and outputs of the same scale, constant lengths and axis',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [3, 3], node.outputs.length);
    const input = inputOf(node, 0);
    const axis = splitAxis(node);
    const lengths = partLengths(node);
    for (const [position, output] of node.outputs.entries()) {
      requireMovable(node, input, output, [1, 8]);
      requireShape(
        node,
        output,
        input.shape.map((extent, at) => (at === axis ? (lengths[position] as number) : extent)),
      );
    }
  },

  reference(node, inputs): TypedArray[] {
    return maps(node).map((map) => pickElements(inputs[0] as TypedArray, map));
  },

  lower: (node) =>
    lowerMoves(
      node,
      maps(node).map((map, output) => ({ input: 0, output, map })),
    ),
});
