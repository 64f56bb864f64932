import type { TypedArray } from '../../graph/graph.ts';
import { type Activation, activationRange } from '../activation.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { mapBroadcast, requireBroadcast } from '../broadcast.ts';
import { type AddMultipliers, lowerElementwise } from '../elementwise.ts';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../fixed_point.ts';
import { inputOf, type Node, outputOf } from '../operator.ts';
import { scaleOf } from '../quantization.ts';
import { requireSameQuantization } from '../requirements.ts';
import { requireBinaryInt16 } from './tensors.ts';

/** Operators of two int16 inputs: the int8 formulas with other shifts. */

interface ActivationOptions {
  readonly activation?: Activation;
}

function activationOf(node: Node): Activation {
  return (node.options as ActivationOptions | null)?.activation ?? 'none';
}

function checkBinary(node: Node): void {
  requireBinaryInt16(node);
  requireBroadcast(node);
  activationRange(node, activationOf(node), outputOf(node));
}

/** f(a, b), clamped to the activation's range. */
function mapPairs(
  node: Node,
  inputs: readonly (TypedArray | null)[],
  f: (a: number, b: number) => number,
): TypedArray[] {
  const { min, max } = activationRange(node, activationOf(node), outputOf(node));
  const clamped = (a: number, b: number) => clamp(f(a, b), min, max);
  return [mapBroadcast(node, inputs[0] as Int16Array, inputs[1] as Int16Array, clamped)];
}

/** Both inputs on a common scale with `leftShift` more bits, put together, requantized. */
export interface CommonScale {
  readonly multipliers: (node: Node) => AddMultipliers;
  readonly combine: (a: number, b: number) => number;
  readonly kernel: 'add_int16' | 'sub_int16' | 'squared_difference_int16';
}

export function onCommonScale({ multipliers, combine, kernel }: CommonScale): OperatorForm {
  return defineForm<unknown>({
    supports: 'int16 inputs and output, broadcasting',
    check: checkBinary,

    reference(node, inputs) {
      const { leftShift, first, second, output } = multipliers(node);
      return mapPairs(node, inputs, (a, b) => {
        const scaledA = multiplyByQuantizedMultiplier(a << leftShift, first.multiplier, first.shift);
        const scaledB = multiplyByQuantizedMultiplier(b << leftShift, second.multiplier, second.shift);
        return multiplyByQuantizedMultiplier(combine(scaledA, scaledB), output.multiplier, output.shift);
      });
    },

    lower(node) {
      const { leftShift, first, second, output } = multipliers(node);
      const parameters = {
        left_shift: leftShift,
        multiplier_1: first.multiplier,
        shift_1: -first.shift,
        multiplier_2: second.multiplier,
        shift_2: -second.shift,
        output_multiplier: output.multiplier,
        output_shift: -output.shift,
      };
      return lowerElementwise(node, kernel, parameters, activationOf(node));
    },
  });
}

/** The ratios of ADD and SUB in double precision, with 15 more bits. */
export function sumMultipliers16(node: Node): AddMultipliers {
  const leftShift = 15;
  const first = scaleOf(node, inputOf(node, 0));
  const second = scaleOf(node, inputOf(node, 1));
  const common = 2 * Math.max(first, second);
  return {
    leftShift,
    first: quantizeMultiplier(first / common),
    second: quantizeMultiplier(second / common),
    output: quantizeMultiplier(common / (2 ** leftShift * scaleOf(node, outputOf(node)))),
  };
}

/** As for ADD, without more bits: the square of a difference of halves fits 32. */
export function squaredDifferenceMultipliers16(node: Node): AddMultipliers {
  const first = scaleOf(node, inputOf(node, 0));
  const second = scaleOf(node, inputOf(node, 1));
  const common = 2 * Math.max(first, second);
  return {
    leftShift: 0,
    first: quantizeMultiplier(first / common),
    second: quantizeMultiplier(second / common),
    output: quantizeMultiplier((common * common) / scaleOf(node, outputOf(node))),
  };
}

/** MAXIMUM and MINIMUM compare the integers as they are. */
export function compared(
  kernel: 'maximum_int16' | 'minimum_int16',
  better: (a: number, b: number) => number,
): OperatorForm {
  return defineForm<unknown>({
    supports: 'int16 inputs and output of the same scale, broadcasting',
    check(node) {
      checkBinary(node);
      for (const tensor of [inputOf(node, 0), inputOf(node, 1)])
        requireSameQuantization(node, tensor, outputOf(node));
    },
    reference: (node, inputs) => mapPairs(node, inputs, better),
    lower: (node) => lowerElementwise(node, kernel, {}, 'none'),
  });
}

/** MUL. */
export function product(): OperatorForm {
  const multiplierOf = (node: Node) =>
    quantizeMultiplier(
      (scaleOf(node, inputOf(node, 0)) * scaleOf(node, inputOf(node, 1))) / scaleOf(node, outputOf(node)),
    );
  return defineForm<unknown>({
    supports: 'int16 inputs and output, broadcasting',
    check: checkBinary,
    reference(node, inputs) {
      const { multiplier, shift } = multiplierOf(node);
      return mapPairs(node, inputs, (a, b) => multiplyByQuantizedMultiplier(a * b, multiplier, shift));
    },
    lower(node) {
      const { multiplier, shift } = multiplierOf(node);
      const parameters = { output_multiplier: multiplier, output_shift: -shift };
      return lowerElementwise(node, 'mul_int16', parameters, activationOf(node));
    },
  });
}
