import type { TypedArray } from '../graph/graph.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { noKernelYet, requireCounts, requireInt8, requireSameElements, requireType } from './requirements.ts';

export const dequantize = defineOperator<null>({
  kind: 'DEQUANTIZE',
  code: 6,
  supports: 'int8 input, float32 output',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    requireInt8(node, inputOf(node, 0));
    requireType(node, outputOf(node), ['float32']);
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const scale = scaleOf(node, inputOf(node, 0));
    const zeroPoint = zeroPointOf(node, inputOf(node, 0));
    // scale × (q − zero point) in double, then rounded to float32: the product of 24 and 9 bits is exact in double.
    return [Float32Array.from(inputs[0] as Int8Array, (value) => scale * (value - zeroPoint))];
  },

  lower(node) {
    throw noKernelYet(node);
  },
});
