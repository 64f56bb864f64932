import type { TypedArray } from '../graph/graph.ts';
import { multiplyByQuantizedMultiplier, quantizeMultiplier, toInt8 } from './fixed_point.ts';
import { inverseSquareRoot } from './fixed_point_functions.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireUnaryInt8 } from './requirements.ts';

/** Bits that keep 1/√x an integer between the two multiplications. */
const fractionBits = 20;

export const rsqrt: OperatorDefinition = defineOperator<null>({
  kind: 'RSQRT',
  code: 76,
  supports: 'int8 input and output',
  readOptions: () => null,
  check: requireUnaryInt8,

  /** 1/√x. At and below zero, where the real function ends (and TFLite Micro stops with an error below), the largest value. */
  reference(node, inputs): TypedArray[] {
    const root = Math.fround(Math.sqrt(scaleOf(node, inputOf(node, 0))));
    const scale = quantizeMultiplier(1 / Math.fround(root * scaleOf(node, outputOf(node))));
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    return [
      (inputs[0] as Int8Array).map((value) => {
        const input = value - inputZeroPoint;
        if (input <= 0) return 127;
        const { multiplier, shift } = inverseSquareRoot(input);
        const root = multiplyByQuantizedMultiplier(1, multiplier, shift + fractionBits);
        const scaled = multiplyByQuantizedMultiplier(root, scale.multiplier, scale.shift - fractionBits);
        return toInt8(scaled + outputZeroPoint);
      }),
    ];
  },

  lower: (node) => lowerToLookUp(rsqrt, node),
});
