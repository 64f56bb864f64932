import type { TypedArray } from '../graph/graph.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import {
  checkReduce,
  lowerReduction,
  type ReduceOptions,
  readReduceOptions,
  reducedExtremes,
} from './reduction.ts';
import { requireSameQuantization } from './requirements.ts';

export const reduceMax = defineOperator<ReduceOptions>({
  kind: 'REDUCE_MAX',
  code: 82,
  supports: 'int8 input and output of the same scale, constant axes',
  readOptions: readReduceOptions,

  check(node) {
    checkReduce(node);
    requireSameQuantization(node, inputOf(node, 0), outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    return [reducedExtremes(node, inputs[0] as Int8Array, -128, Math.max)];
  },

  lower: (node) => lowerReduction(node, 'reduce_max', {}),
});
