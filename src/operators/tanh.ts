import type { TypedArray } from '../graph/graph.ts';
import {
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundingShiftRight,
  toInt8,
} from './fixed_point.ts';
import { hyperbolicTangent, inputRadius } from './fixed_point_functions.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireUnaryInt8 } from './requirements.ts';

const inputIntegerBits = 4;

export const tanh: OperatorDefinition = defineOperator<null>({
  kind: 'TANH',
  code: 28,
  supports: 'int8 input and output (output scale 1/128, zero point 0)',
  readOptions: () => null,

  check(node) {
    requireUnaryInt8(node);
    const output = outputOf(node);
    if (scaleOf(node, output) !== 1 / 128 || zeroPointOf(node, output) !== 0)
      throw unsupported(
        node,
        'the output scale is not 1/128 with zero point 0',
        output,
        'Quantize again with a current TFLite converter.',
      );
  },

  reference(node, inputs): TypedArray[] {
    const zeroPoint = zeroPointOf(node, inputOf(node, 0));
    const real = scaleOf(node, inputOf(node, 0)) * 2 ** (31 - inputIntegerBits);
    const { multiplier, shift } = quantizeMultiplier(real);
    const radius = inputRadius(inputIntegerBits, shift);
    return [
      (inputs[0] as Int8Array).map((value) => {
        const input = value - zeroPoint;
        if (input <= -radius) return -128;
        if (input >= radius) return 127;
        const scaled = multiplyByQuantizedMultiplier(input, multiplier, shift);
        return toInt8(roundingShiftRight(hyperbolicTangent(scaled, inputIntegerBits), 24));
      }),
    ];
  },

  lower: (node) => lowerToLookUp(tanh, node),
});
