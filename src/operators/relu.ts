import type { TypedArray } from '../graph/graph.ts';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireUnaryInt8 } from './requirements.ts';

export const relu: OperatorDefinition = defineOperator<null>({
  kind: 'RELU',
  code: 19,
  supports: 'int8 input and output',
  readOptions: () => null,
  check: requireUnaryInt8,

  reference(node, inputs): TypedArray[] {
    // The ratio of the scales is taken in float32 here.
    const ratio = Math.fround(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)));
    const { multiplier, shift } = quantizeMultiplier(ratio);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const zero = zeroPointOf(node, outputOf(node));
    return [
      (inputs[0] as Int8Array).map((value) =>
        clamp(multiplyByQuantizedMultiplier(value - inputZeroPoint, multiplier, shift) + zero, zero, 127),
      ),
    ];
  },

  lower: (node) => lowerToLookUp(relu, node),
});
