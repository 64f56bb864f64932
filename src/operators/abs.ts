import type { TypedArray } from '../graph/graph.ts';
import { multiplyByQuantizedMultiplier, quantizeMultiplier, toInt8 } from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireUnaryInt8 } from './requirements.ts';

export const abs: OperatorDefinition = defineOperator<null>({
  kind: 'ABS',
  code: 101,
  supports: 'int8 input and output',
  readOptions: () => null,
  check: requireUnaryInt8,

  reference(node, inputs): TypedArray[] {
    // A ratio of one gives 2³⁰ × 2¹, which multiplies exactly; the ratio is taken in float32.
    const ratio = Math.fround(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)));
    const { multiplier, shift } = quantizeMultiplier(ratio);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    return [
      (inputs[0] as Int8Array).map((value) => {
        const magnitude = Math.abs(value - inputZeroPoint);
        return toInt8(multiplyByQuantizedMultiplier(magnitude, multiplier, shift) + outputZeroPoint);
      }),
    ];
  },

  lower: (node) => lowerToLookUp(abs, node),
});
