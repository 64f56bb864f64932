import { byteLength, type TypedArray } from '../graph/graph.ts';
import { defineOperator, inputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireSameQuantization } from './requirements.ts';

/** Keeps a value in a variable, for later operators and for the next inference. */
export const assignVariable = defineOperator<null>({
  kind: 'ASSIGN_VARIABLE',
  code: 144,
  supports: 'any type',
  stateInputs: [0],
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 0);
    requireSameQuantization(node, inputOf(node, 0), inputOf(node, 1));
    requireSameElements(node, inputOf(node, 0), inputOf(node, 1));
  },

  reference(_node, inputs): TypedArray[] {
    const [variable, value] = inputs as [TypedArray, TypedArray];
    // The same type: `check` has seen to it.
    (variable as Int8Array).set(value as Int8Array);
    return [];
  },

  lower(node) {
    return {
      kernel: 'copy',
      parametersType: 'copy_parameters',
      arguments: [
        { is: 'input', index: 1 },
        { is: 'input', index: 0 },
      ],
      constants: [],
      parameters: { bytes: byteLength(inputOf(node, 0)) },
      scratchBytes: 0,
      inPlace: [],
      macs: 0,
    };
  },
});
