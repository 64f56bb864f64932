import type { TypedArray } from '../graph/graph.ts';
import { type Activation, type ActivationRange, activationRange, readActivation } from './activation.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { lowerElementwise } from './elementwise.ts';
import {
  clamp,
  type FixedPointMultiplier,
  highMultiply,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
} from './fixed_point.ts';
import { reciprocal } from './fixed_point_functions.ts';
import { defineOperator, inputOf, type Node, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8 } from './requirements.ts';

export interface DivOptions {
  readonly activation: Activation;
}

/** Beyond it quotients leave int32, and int8 by far. */
const mostRatio = 2 ** 20;

/** What a quotient of integers is multiplied by; the ratio is taken in float32. */
function ratioOf(node: Node): number {
  const [first, second] = [scaleOf(node, inputOf(node, 0)), scaleOf(node, inputOf(node, 1))];
  return Math.fround(first / Math.fround(second * scaleOf(node, outputOf(node))));
}

/** Bits of an int32 that repeat its sign, without the sign itself. */
function leadingSignBits(value: number): number {
  return Math.clz32(value >= 0 ? value : ~value) - 1;
}

/**
 * a / b for integers around zero, times the multiplier. Where TensorFlow Lite Micro is undefined the quotient is what it
 * should be: shifted by more than 31 bits it is 0; by zero it is the end of the range on a's side, 0 / 0 is 0.
 */
function quotient(
  a: number,
  b: number,
  { multiplier, shift }: FixedPointMultiplier,
  { min, max }: ActivationRange,
): number {
  if (b === 0) return a === 0 ? 0 : a > 0 ? max - min : min - max;
  const numerator = b < 0 ? -a : a;
  const inverse = reciprocal(Math.abs(b), 31);
  const headroom = leadingSignBits(numerator);
  const unscaled = highMultiply(numerator << headroom, inverse.reciprocal);
  const total = shift - inverse.bitsOverUnit - headroom;
  return total < -31 ? 0 : multiplyByQuantizedMultiplier(unscaled, multiplier, total);
}

export const div = defineOperator<DivOptions>({
  kind: 'DIV',
  code: 42,
  supports: 'int8 inputs and output, broadcasting',
  readOptions: (options) => ({ activation: readActivation(options, 0) }),

  check(node) {
    requireCounts(node, [2, 2], 1);
    for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt8(node, tensor);
    requireBroadcast(node);
    activationRange(node, node.options.activation, outputOf(node));
    if (ratioOf(node) >= mostRatio)
      throw unsupported(
        node,
        `the scales are too far apart: their ratio is ${ratioOf(node)}`,
        outputOf(node),
        'Quantize again with data that shows what the quotient spans.',
      );
  },

  reference(node, inputs): TypedArray[] {
    const multiplier = quantizeMultiplier(ratioOf(node));
    const firstZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const secondZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const range = activationRange(node, node.options.activation, outputOf(node));
    const divided = (a: number, b: number) => {
      const scaled = quotient(a - firstZeroPoint, b - secondZeroPoint, multiplier, range);
      return clamp(scaled + outputZeroPoint, range.min, range.max);
    };
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, divided)];
  },

  lower(node) {
    const { multiplier, shift } = quantizeMultiplier(ratioOf(node));
    const parameters = { output_multiplier: multiplier, output_shift: -shift };
    return lowerElementwise(node, 'quotient', parameters, node.options.activation);
  },
});
