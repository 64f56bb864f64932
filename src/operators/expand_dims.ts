import type { TypedArray } from '../graph/graph.ts';
import { lowerReshape } from './moves.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireSameQuantization } from './requirements.ts';

/** Dimensions of 1 enter the shape; the values stay as they are. */
export const expandDims = defineOperator<null>({
  kind: 'EXPAND_DIMS',
  code: 70,
  supports: 'any type; input and output quantized alike',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    requireSameQuantization(node, inputOf(node, 0), outputOf(node));
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(_node, inputs): TypedArray[] {
    return [(inputs[0] as TypedArray).slice()];
  },

  lower: lowerReshape,
});
