import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, mapByAxis, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { edgesOf, requirePaddedShape } from './padded_edges.ts';
import { invalid, requireCounts } from './requirements.ts';

export interface MirrorPadOptions {
  /** Whether the edge element itself is repeated (SYMMETRIC) or not (REFLECT). */
  readonly repeatsEdge: boolean;
}

/** For each output element the input element. */
function mirroredMap(node: Node<MirrorPadOptions>): ElementMap {
  const { shape } = inputOf(node, 0);
  const { before, after } = edgesOf(node);
  const edge = node.options.repeatsEdge ? 0 : 1;
  const axes = shape.map((extent, axis) =>
    Array.from({ length: extent + (before[axis] as number) + (after[axis] as number) }, (_, position) => {
      const inside = position - (before[axis] as number);
      if (inside < 0) return -inside - 1 + edge;
      return inside < extent ? inside : 2 * extent - 1 - inside - edge;
    }),
  );
  return mapByAxis(shape, axes);
}

export const mirrorPad = defineOperator<MirrorPadOptions>({
  kind: 'MIRROR_PAD',
  code: 100,
  supports: 'any type, input and output of the same scale, constant paddings',
  readOptions: (options) => ({ repeatsEdge: options.int8(0) === 1 }),

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    requirePaddedShape(node);
    const { before, after } = edgesOf(node);
    const most = (extent: number) => extent - (node.options.repeatsEdge ? 0 : 1);
    if (
      input.shape.some(
        (extent, axis) => Math.max(before[axis] as number, after[axis] as number) > most(extent),
      )
    )
      throw invalid(node, 'a padding is larger than what can be mirrored', inputOf(node, 1));
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, mirroredMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: mirroredMap(node) }),
});
