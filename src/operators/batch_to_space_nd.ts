import type { TypedArray } from '../graph/graph.ts';
import { batchedBlocksOf, batchedIndexOfWide, requireBatchedBlocks } from './batched_blocks.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, type Node } from './operator.ts';
import { requireCounts } from './requirements.ts';

/** For each output element the input element. */
function batchToSpaceMap(node: Node): ElementMap {
  return batchedIndexOfWide(batchedBlocksOf(node, 'output'));
}

export const batchToSpaceNd = defineOperator<null>({
  kind: 'BATCH_TO_SPACE_ND',
  code: 37,
  supports: 'any type, input and output of the same scale, constant block and crops, rank 3 or 4',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [3, 3], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [3, 4]);
    requireBatchedBlocks(node, 'output');
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, batchToSpaceMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: batchToSpaceMap(node) }),
});
