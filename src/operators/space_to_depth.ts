import type { TypedArray } from '../graph/graph.ts';
import { type BlockOptions, readBlockOptions, wideIndexOfDeep } from './block.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { invalid, requireCounts, requireShape } from './requirements.ts';

/** For each output element the input element. */
function deepMap(node: Node<BlockOptions>): ElementMap {
  return wideIndexOfDeep(inputOf(node, 0).shape, node.options.block);
}

export const spaceToDepth = defineOperator<BlockOptions>({
  kind: 'SPACE_TO_DEPTH',
  code: 26,
  supports: 'any type, input and output of the same scale',
  readOptions: readBlockOptions,

  check(node) {
    requireCounts(node, [1, 1], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [4, 4]);
    const [batches = 1, height = 1, width = 1, channels = 1] = input.shape;
    const { block } = node.options;
    if (block < 1) throw invalid(node, `the block size is ${block}`);
    requireShape(node, output, [batches, height / block, width / block, channels * block * block]);
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, deepMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: deepMap(node) }),
});
