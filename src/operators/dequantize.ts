import type { TypedArray } from '../graph/graph.ts';
import { elementCount } from '../graph/graph.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireSameElements, requireType } from './requirements.ts';

export const dequantize = defineOperator<null>({
  kind: 'DEQUANTIZE',
  code: 6,
  supports: 'int8 or int16 input, float32 output',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    requireType(node, inputOf(node, 0), ['int8', 'int16']);
    scaleOf(node, inputOf(node, 0));
    requireType(node, outputOf(node), ['float32']);
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const scale = scaleOf(node, inputOf(node, 0));
    const zeroPoint = zeroPointOf(node, inputOf(node, 0));
    // scale × (q − zero point) in double, then rounded to float32: the product of 24 and 17 bits is exact in double.
    return [Float32Array.from(inputs[0] as Int8Array | Int16Array, (value) => scale * (value - zeroPoint))];
  },

  lower(node) {
    return {
      kernel: inputOf(node, 0).type === 'int16' ? 'dequantize_int16' : 'dequantize',
      parametersType: 'dequantize_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'scale' },
      ],
      constants: [
        { name: 'scale', role: 'table', type: 'float32', values: [scaleOf(node, inputOf(node, 0))] },
      ],
      parameters: {
        count: elementCount(inputOf(node, 0).shape),
        zero_point: zeroPointOf(node, inputOf(node, 0)),
      },
      scratchBytes: 0,
      inPlace: [],
      macs: 0,
    };
  },
});
