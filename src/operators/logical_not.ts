import { elementCount, type TypedArray } from '../graph/graph.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireType } from './requirements.ts';

export const logicalNot = defineOperator<null>({
  kind: 'LOGICAL_NOT',
  code: 87,
  supports: 'bool',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    for (const tensor of [inputOf(node, 0), outputOf(node)]) requireType(node, tensor, ['bool']);
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(_node, inputs): TypedArray[] {
    return [Uint8Array.from(inputs[0] as Uint8Array, (truth) => Number(truth === 0))];
  },

  lower: (node) => ({
    kernel: 'logical_not',
    parametersType: 'logical_not_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: { count: elementCount(outputOf(node).shape) },
    scratchBytes: 0,
    inPlace: [0],
    macs: 0,
  }),
});
