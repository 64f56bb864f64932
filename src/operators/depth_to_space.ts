import type { TypedArray } from '../graph/graph.ts';
import { type BlockOptions, readBlockOptions, wideIndexOfDeep } from './block.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, type Node, outputOf } from './operator.ts';
import { invalid, requireCounts, requireShape } from './requirements.ts';

/** For each output element the input element. */
function wideMap(node: Node<BlockOptions>): ElementMap {
  const toWide = wideIndexOfDeep(outputOf(node).shape, node.options.block);
  const map = new Int32Array(toWide.length);
  for (const [deep, wide] of toWide.entries()) map[wide] = deep;
  return map;
}

export const depthToSpace = defineOperator<BlockOptions>({
  kind: 'DEPTH_TO_SPACE',
  code: 5,
  supports: 'any type, input and output of the same scale',
  readOptions: readBlockOptions,

  check(node) {
    requireCounts(node, [1, 1], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [4, 4]);
    const [batches = 1, height = 1, width = 1, channels = 1] = input.shape;
    const { block } = node.options;
    if (block < 1) throw invalid(node, `the block size is ${block}`);
    requireShape(node, output, [batches, height * block, width * block, channels / (block * block)]);
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, wideMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: wideMap(node) }),
});
