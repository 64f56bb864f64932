import type { TypedArray } from '../graph/graph.ts';
import { multiplyByQuantizedMultiplier, quantizeMultiplier, toInt8 } from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { invalid, requireUnaryInt8 } from './requirements.ts';

export interface LeakyReluOptions {
  /** float32 slope for negative values. */
  readonly alpha: number;
}

export const leakyRelu: OperatorDefinition = defineOperator<LeakyReluOptions>({
  kind: 'LEAKY_RELU',
  code: 98,
  supports: 'int8 input and output',
  readOptions: (options) => ({ alpha: options.float32(0) }),

  check(node) {
    requireUnaryInt8(node);
    if (!Number.isFinite(node.options.alpha)) throw invalid(node, 'the slope alpha is no number');
  },

  reference(node, inputs): TypedArray[] {
    const inputScale = scaleOf(node, inputOf(node, 0));
    const outputScale = scaleOf(node, outputOf(node));
    // Both ratios in float32.
    const positive = quantizeMultiplier(Math.fround(inputScale / outputScale));
    const slope = Math.fround(Math.fround(inputScale * node.options.alpha) / outputScale);
    const negative = quantizeMultiplier(Math.abs(slope));
    const sign = slope < 0 ? -1 : 1;
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    return [
      (inputs[0] as Int8Array).map((value) => {
        const input = value - inputZeroPoint;
        const scaled =
          input >= 0
            ? multiplyByQuantizedMultiplier(input, positive.multiplier, positive.shift)
            : sign * multiplyByQuantizedMultiplier(input, negative.multiplier, negative.shift);
        return toInt8(scaled + outputZeroPoint);
      }),
    ];
  },

  lower: (node) => lowerToLookUp(leakyRelu, node),
});
