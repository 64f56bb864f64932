import type { TypedArray } from '../graph/graph.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { lowerElementwise } from './elementwise.ts';
import {
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  toInt8,
} from './fixed_point.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8 } from './requirements.ts';

/** input ÷ output scale, and input × slope ÷ output scale. */
export function preluMultipliers(node: Node): {
  readonly positive: FixedPointMultiplier;
  readonly negative: FixedPointMultiplier;
} {
  const [inputScale, slopeScale] = [scaleOf(node, inputOf(node, 0)), scaleOf(node, inputOf(node, 1))];
  const outputScale = scaleOf(node, outputOf(node));
  return {
    positive: quantizeMultiplier(inputScale / outputScale),
    negative: quantizeMultiplier((inputScale * slopeScale) / outputScale),
  };
}

/** Input 1 holds the slopes for negative values. */
export const prelu = defineOperator<null>({
  kind: 'PRELU',
  code: 54,
  supports: 'int8 input, slopes and output, broadcasting',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt8(node, tensor);
    requireBroadcast(node);
  },

  reference(node, inputs): TypedArray[] {
    const { positive, negative } = preluMultipliers(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const slopeZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const apply = (value: number, slope: number) => {
      const input = value - inputZeroPoint;
      const scaled =
        input >= 0
          ? multiplyByQuantizedMultiplier(input, positive.multiplier, positive.shift)
          : multiplyByQuantizedMultiplier(
              input * (slope - slopeZeroPoint),
              negative.multiplier,
              negative.shift,
            );
      return toInt8(scaled + outputZeroPoint);
    };
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, apply)];
  },

  lower(node) {
    const { positive, negative } = preluMultipliers(node);
    const parameters = {
      multiplier_1: positive.multiplier,
      shift_1: -positive.shift,
      multiplier_2: negative.multiplier,
      shift_2: -negative.shift,
    };
    return lowerElementwise(node, 'prelu', parameters, 'none');
  },
});
