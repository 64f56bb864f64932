import type { TypedArray } from '../graph/graph.ts';
import {
  batchedBlocksOf,
  loopsOfBlocks,
  requireBatchedBlocks,
  wideIndexOfBatched,
} from './batched_blocks.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable, zeroIn } from './movement.ts';
import { lowerMove, lowerNests } from './moves.ts';
import { defineOperator, type Node, outputOf } from './operator.ts';
import { requireCounts } from './requirements.ts';

/** For each output element the input element; −1 in the padding. */
export function spaceToBatchMap(node: Node): ElementMap {
  return wideIndexOfBatched(batchedBlocksOf(node, 'input'));
}

export const spaceToBatchNd = defineOperator<null>({
  kind: 'SPACE_TO_BATCH_ND',
  code: 38,
  supports: 'any type, input and output of the same scale, constant block and paddings, rank 3 or 4',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [3, 3], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [3, 4]);
    requireBatchedBlocks(node, 'input');
  },

  /**
   * Filled with the zero point, which is the real zero, as TensorFlow Lite does: the convolution between this and
   * BATCH_TO_SPACE_ND counts on it. TensorFlow Lite Micro leaves its filling unset, so its padding is right where the zero
   * point is 0.
   */
  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, spaceToBatchMap(node), zeroIn(outputOf(node)))];
  },

  lower(node) {
    const map = spaceToBatchMap(node);
    if (!map.includes(-1)) return lowerMove(node, { input: 0, output: 0, map });
    return lowerNests(
      node,
      loopsOfBlocks(batchedBlocksOf(node, 'input')).map((nest) => ({ input: 0, output: 0, nest })),
      zeroIn(outputOf(node)),
    );
  },
});
