import type { TypedArray } from '../graph/graph.ts';
import { mapByAxis, movedTensors, pickElements, requireMovable, zeroIn } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { edgesOf, requirePaddedShape } from './padded_edges.ts';
import { requireCounts } from './requirements.ts';

/** For each output element the input element; −1 in the padding. */
export function paddedMap(node: Node): Int32Array {
  const { shape } = inputOf(node, 0);
  const { before, after } = edgesOf(node);
  const axes = shape.map((extent, axis) =>
    Array.from({ length: extent + (before[axis] as number) + (after[axis] as number) }, (_, position) => {
      const inside = position - (before[axis] as number);
      return inside >= 0 && inside < extent ? inside : -1;
    }),
  );
  return mapByAxis(shape, axes);
}

export const pad = defineOperator<null>({
  kind: 'PAD',
  code: 34,
  supports: 'any type, input and output of the same scale, constant paddings',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 5]);
    requirePaddedShape(node);
  },

  /** Filled with the zero point, which is the real zero. */
  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, paddedMap(node), zeroIn(outputOf(node)))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: paddedMap(node) }, zeroIn(outputOf(node))),
});
