import { defineForm } from '../arithmetic.ts';
import { mapBroadcast, requireBroadcast } from '../broadcast.ts';
import { lowerElementwise } from '../elementwise.ts';
import { multiplyByQuantizedMultiplier } from '../fixed_point.ts';
import { inputOf, outputOf } from '../operator.ts';
import { preluMultipliers } from '../prelu.ts';
import { zeroPointOf } from '../quantization.ts';
import { requireCounts, requireInt8 } from '../requirements.ts';
import { requireInt16, toInt16 } from './tensors.ts';

/** Input 1 holds the slopes for negative values, which stay int8. */
export const preluInt16x8 = defineForm<null>({
  supports: 'int16 input and output, int8 slopes, broadcasting',

  check(node) {
    requireCounts(node, [2, 2], 1);
    requireInt16(node, inputOf(node, 0));
    requireInt8(node, inputOf(node, 1));
    requireInt16(node, outputOf(node));
    requireBroadcast(node);
  },

  reference(node, inputs) {
    const { positive, negative } = preluMultipliers(node);
    const slopeZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const apply = (value: number, slope: number) => {
      const scaled =
        value >= 0
          ? multiplyByQuantizedMultiplier(value, positive.multiplier, positive.shift)
          : multiplyByQuantizedMultiplier(
              value * (slope - slopeZeroPoint),
              negative.multiplier,
              negative.shift,
            );
      return toInt16(scaled);
    };
    return [mapBroadcast(node, inputs[0] as Int16Array, inputs[1] as Int8Array, apply)];
  },

  lower(node) {
    const { positive, negative } = preluMultipliers(node);
    const parameters = {
      multiplier_1: positive.multiplier,
      shift_1: -positive.shift,
      multiplier_2: negative.multiplier,
      shift_2: -negative.shift,
    };
    return lowerElementwise(node, 'prelu_int16', parameters, 'none');
  },
});
