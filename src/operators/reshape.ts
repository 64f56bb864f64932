import type { TypedArray } from '../graph/graph.ts';
import { lowerReshape } from './moves.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireSameQuantization } from './requirements.ts';

/** The output's shape in the file decides: the shape input and option repeat it. */
export const reshape = defineOperator<null>({
  kind: 'RESHAPE',
  code: 22,
  supports: 'any type; input and output quantized alike',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 2], 1);
    requireSameQuantization(node, inputOf(node, 0), outputOf(node));
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(_node, inputs): TypedArray[] {
    return [(inputs[0] as TypedArray).slice()];
  },

  lower: lowerReshape,
});
