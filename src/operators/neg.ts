import { elementCount, type TypedArray } from '../graph/graph.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireType } from './requirements.ts';

/** TFLite has no int8 NEG: converters write it in float32 between DEQUANTIZE and QUANTIZE, often on constants. */
export const neg = defineOperator<null>({
  kind: 'NEG',
  code: 59,
  supports: 'float32 input and output (between DEQUANTIZE and QUANTIZE)',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    for (const tensor of [inputOf(node, 0), outputOf(node)]) requireType(node, tensor, ['float32']);
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(_node, inputs): TypedArray[] {
    return [(inputs[0] as Float32Array).map((value) => -value)];
  },

  lower(node) {
    return {
      kernel: 'neg',
      parametersType: 'neg_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
      ],
      constants: [],
      parameters: { count: elementCount(outputOf(node).shape) },
      scratchBytes: 0,
      inPlace: [0],
      macs: 0,
    };
  },
});
