import type { TypedArray } from '../graph/graph.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { type AddMultipliers, lowerSum } from './elementwise.ts';
import { multiplyByQuantizedMultiplier, quantizeMultiplier, toInt8 } from './fixed_point.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8 } from './requirements.ts';

/** As for ADD, with 7 more bits, so that the square fits 32. */
export function squaredDifferenceMultipliers(node: Node): AddMultipliers {
  const leftShift = 7;
  const first = scaleOf(node, inputOf(node, 0));
  const second = scaleOf(node, inputOf(node, 1));
  const common = 2 * Math.max(first, second);
  return {
    leftShift,
    first: quantizeMultiplier(first / common),
    second: quantizeMultiplier(second / common),
    output: quantizeMultiplier((common * common) / (2 ** (2 * leftShift) * scaleOf(node, outputOf(node)))),
  };
}

export const squaredDifference = defineOperator<null>({
  kind: 'SQUARED_DIFFERENCE',
  code: 99,
  supports: 'int8 inputs and output, broadcasting',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt8(node, tensor);
    requireBroadcast(node);
  },

  reference(node, inputs): TypedArray[] {
    const { leftShift, first, second, output } = squaredDifferenceMultipliers(node);
    const firstZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const secondZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const apply = (a: number, b: number) => {
      const shiftedA = (a - firstZeroPoint) << leftShift;
      const shiftedB = (b - secondZeroPoint) << leftShift;
      const scaledA = multiplyByQuantizedMultiplier(shiftedA, first.multiplier, first.shift);
      const scaledB = multiplyByQuantizedMultiplier(shiftedB, second.multiplier, second.shift);
      const square = Math.imul(scaledA - scaledB, scaledA - scaledB);
      return toInt8(multiplyByQuantizedMultiplier(square, output.multiplier, output.shift) + outputZeroPoint);
    };
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, apply)];
  },

  lower: (node) => lowerSum(node, 'squared_difference', squaredDifferenceMultipliers(node), 'none'),
});
