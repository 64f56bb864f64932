import type { TypedArray } from '../graph/graph.ts';
import { type Activation, activationRange, readActivation } from './activation.ts';
import { addMultipliers } from './add.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { lowerSum } from './elementwise.ts';
import { clamp, multiplyByQuantizedMultiplier } from './fixed_point.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8 } from './requirements.ts';

export interface SubOptions {
  readonly activation: Activation;
}

export const sub = defineOperator<SubOptions>({
  kind: 'SUB',
  code: 41,
  supports: 'int8 inputs and output, broadcasting',
  readOptions: (options) => ({ activation: readActivation(options, 0) }),

  check(node) {
    requireCounts(node, [2, 2], 1);
    for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt8(node, tensor);
    requireBroadcast(node);
    activationRange(node, node.options.activation, outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const { leftShift, first, second, output } = addMultipliers(node);
    const firstZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const secondZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const range = activationRange(node, node.options.activation, outputOf(node));
    const difference = (a: number, b: number) => {
      const shiftedA = (a - firstZeroPoint) << leftShift;
      const shiftedB = (b - secondZeroPoint) << leftShift;
      const scaledA = multiplyByQuantizedMultiplier(shiftedA, first.multiplier, first.shift);
      const scaledB = multiplyByQuantizedMultiplier(shiftedB, second.multiplier, second.shift);
      const raw = (scaledA - scaledB) | 0;
      const scaled = multiplyByQuantizedMultiplier(raw, output.multiplier, output.shift) + outputZeroPoint;
      return clamp(scaled, range.min, range.max);
    };
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, difference)];
  },

  lower: (node) => lowerSum(node, 'sub', addMultipliers(node), node.options.activation),
});
