import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, mapByAxis, movedTensors, pickElements, range, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node, unsupported } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape, resolveAxis } from './requirements.ts';

export interface GatherOptions {
  readonly axis: number;
  readonly batchDimensions: number;
}

/** For each output element the input element. */
function gatheredMap(node: Node<GatherOptions>): ElementMap {
  const { shape } = inputOf(node, 0);
  const axis = resolveAxis(node, node.options.axis, shape.length);
  return mapByAxis(
    shape,
    shape.map((extent, at) => (at === axis ? constantIntegers(node, 1) : range(extent))),
  );
}

export const gather = defineOperator<GatherOptions>({
  kind: 'GATHER',
  code: 36,
  supports: 'any type, input and output of the same scale, constant int32 positions, no batch dimensions',
  readOptions: (options) => ({ axis: options.int32(0), batchDimensions: options.int32(1) }),

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    if (node.options.batchDimensions !== 0)
      throw unsupported(
        node,
        'batch dimensions are not supported',
        null,
        'Gather along one axis without batch.',
      );
    const axis = resolveAxis(node, node.options.axis, input.shape.length);
    const extent = input.shape[axis] as number;
    if (constantIntegers(node, 1).some((position) => !(position >= 0 && position < extent)))
      throw invalid(node, `a position is outside 0 to ${extent - 1}`, inputOf(node, 1));
    requireShape(node, output, [
      ...input.shape.slice(0, axis),
      ...inputOf(node, 1).shape,
      ...input.shape.slice(axis + 1),
    ]);
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, gatheredMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: gatheredMap(node) }),
});
