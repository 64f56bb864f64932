import type { TypedArray } from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireSameQuantization, requireUnaryInt8 } from './requirements.ts';

export const relu6: OperatorDefinition = defineOperator<null>({
  kind: 'RELU6',
  code: 21,
  supports: 'int8 input and output of the same scale',
  readOptions: () => null,

  check(node) {
    requireUnaryInt8(node);
    // The reference clamps without requantizing.
    requireSameQuantization(node, inputOf(node, 0), outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const zero = zeroPointOf(node, inputOf(node, 0));
    const real = Math.fround(6 / scaleOf(node, inputOf(node, 0)));
    const six = clamp(roundAwayFromZero(real) + zero, -128, 127);
    return [(inputs[0] as Int8Array).map((value) => clamp(value, zero, six))];
  },

  lower: (node) => lowerToLookUp(relu6, node),
});
