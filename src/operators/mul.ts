import type { TypedArray } from '../graph/graph.ts';
import { type Activation, activationRange, readActivation } from './activation.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { lowerElementwise } from './elementwise.ts';
import {
  clamp,
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
} from './fixed_point.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8 } from './requirements.ts';

export interface MulOptions {
  readonly activation: Activation;
}

export function mulMultiplier(node: Node): FixedPointMultiplier {
  const product = scaleOf(node, inputOf(node, 0)) * scaleOf(node, inputOf(node, 1));
  return quantizeMultiplier(product / scaleOf(node, outputOf(node)));
}

export const mul = defineOperator<MulOptions>({
  kind: 'MUL',
  code: 18,
  supports: 'int8 inputs and output, broadcasting',
  readOptions: (options) => ({ activation: readActivation(options, 0) }),

  check(node) {
    requireCounts(node, [2, 2], 1);
    for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt8(node, tensor);
    requireBroadcast(node);
    activationRange(node, node.options.activation, outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const { multiplier, shift } = mulMultiplier(node);
    const firstZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const secondZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const range = activationRange(node, node.options.activation, outputOf(node));
    const multiply = (a: number, b: number) => {
      const product = (a - firstZeroPoint) * (b - secondZeroPoint);
      const scaled = multiplyByQuantizedMultiplier(product, multiplier, shift) + outputZeroPoint;
      return clamp(scaled, range.min, range.max);
    };
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, multiply)];
  },

  lower(node) {
    const { multiplier, shift } = mulMultiplier(node);
    const parameters = { output_multiplier: multiplier, output_shift: -shift };
    return lowerElementwise(node, 'mul', parameters, node.options.activation);
  },
});
