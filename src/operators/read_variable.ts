import { byteLength, type TypedArray } from '../graph/graph.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireSameQuantization } from './requirements.ts';

/** The value of a variable, as the last ASSIGN_VARIABLE left it, or as it was at reset. */
export const readVariable = defineOperator<null>({
  kind: 'READ_VARIABLE',
  code: 143,
  supports: 'any type',
  stateInputs: [0],
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    requireSameQuantization(node, inputOf(node, 0), outputOf(node));
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference: (_node, inputs): TypedArray[] => [(inputs[0] as TypedArray).slice()],

  lower(node) {
    return {
      kernel: 'copy',
      parametersType: 'copy_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
      ],
      constants: [],
      parameters: { bytes: byteLength(outputOf(node)) },
      scratchBytes: 0,
      inPlace: [],
      macs: 0,
    };
  },
});
