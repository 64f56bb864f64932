import type { TypedArray } from '../graph/graph.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { lowerElementwise } from './elementwise.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { requireCounts, requireInt8, requireSameQuantization } from './requirements.ts';

export const minimum = defineOperator<null>({
  kind: 'MINIMUM',
  code: 57,
  supports: 'int8 inputs and output of the same scale, broadcasting',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    requireInt8(node, outputOf(node));
    for (const tensor of [inputOf(node, 0), inputOf(node, 1)]) {
      requireInt8(node, tensor);
      // The reference compares the integers as they are.
      requireSameQuantization(node, tensor, outputOf(node));
    }
    requireBroadcast(node);
  },

  reference(node, inputs): TypedArray[] {
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, Math.min)];
  },

  lower: (node) => lowerElementwise(node, 'minimum', {}, 'none'),
});
