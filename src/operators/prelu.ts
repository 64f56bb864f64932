import type { TypedArray } from '../graph/graph.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { multiplyByQuantizedMultiplier, quantizeMultiplier, toInt8 } from './fixed_point.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { noKernelYet, requireCounts, requireInt8 } from './requirements.ts';

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
    const [inputScale, slopeScale] = [scaleOf(node, inputOf(node, 0)), scaleOf(node, inputOf(node, 1))];
    const outputScale = scaleOf(node, outputOf(node));
    const positive = quantizeMultiplier(inputScale / outputScale);
    const negative = quantizeMultiplier((inputScale * slopeScale) / outputScale);
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
    throw noKernelYet(node);
  },
});
