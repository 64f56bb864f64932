import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, mapByAxis, pickElements, range, requireMovable } from './movement.ts';
import { lowerMoves } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { invalid, requireCounts, requireShape, resolveAxis, withoutAxis } from './requirements.ts';

export interface UnpackOptions {
  readonly axis: number;
}

/** For each output the input element of each of its elements. */
function layerMaps(node: Node<UnpackOptions>): readonly ElementMap[] {
  const { shape } = inputOf(node, 0);
  const axis = resolveAxis(node, node.options.axis, shape.length);
  return node.outputs.map((_, position) =>
    mapByAxis(
      shape,
      shape.map((extent, at) => (at === axis ? [position] : range(extent))),
    ),
  );
}

export const unpack = defineOperator<UnpackOptions>({
  kind: 'UNPACK',
  code: 88,
  supports: 'any type, input and outputs of the same scale',
  readOptions: (options) => ({ axis: options.int32(1) }),

  check(node) {
    requireCounts(node, [1, 1], node.outputs.length);
    const input = inputOf(node, 0);
    const axis = resolveAxis(node, node.options.axis, input.shape.length);
    if (input.shape[axis] !== node.outputs.length)
      throw invalid(
        node,
        `${node.outputs.length} outputs do not fit the dimension ${input.shape[axis]}`,
        input,
      );
    for (const output of node.outputs) {
      requireMovable(node, input, output, [1, 8]);
      requireShape(node, output, withoutAxis(input.shape, axis));
    }
  },

  reference(node, inputs): TypedArray[] {
    return layerMaps(node).map((map) => pickElements(inputs[0] as TypedArray, map));
  },

  lower: (node) =>
    lowerMoves(
      node,
      layerMaps(node).map((map, output) => ({ input: 0, output, map })),
    ),
});
