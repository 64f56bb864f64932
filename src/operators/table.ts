import type { TypedArray } from '../graph/graph.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf } from './operator.ts';
import { invalid, requireCounts, requireInt8, requireSameElements, requireType } from './requirements.ts';

/**
 * Any function of one int8 number, its 256 answers given as a constant: output = table[input + 128]. No operator of
 * TFLite: importers make it of what a quantized model computes element by element in float32.
 */
export const table: OperatorDefinition = defineOperator<null>({
  kind: 'TABLE',
  code: -1,
  supports: 'int8 input and output, a constant table of 256 answers',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    requireInt8(node, inputOf(node, 0));
    requireInt8(node, outputOf(node));
    requireSameElements(node, inputOf(node, 0), outputOf(node));
    const answers = inputOf(node, 1);
    requireType(node, answers, ['int8']);
    if (answers.data?.length !== 256) throw invalid(node, 'its table has not 256 constant answers', answers);
  },

  reference(node, inputs): TypedArray[] {
    const answers = inputOf(node, 1).data as Uint8Array;
    return [(inputs[0] as Int8Array).map((value) => answers[value + 128] as number)];
  },

  lower: (node) => lowerToLookUp(table, node),
});
