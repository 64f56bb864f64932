import { elementCount, type TypedArray } from '../graph/graph.ts';
import { type Activation, activationRange, readActivation } from './activation.ts';
import { mapBroadcast, requireBroadcast } from './broadcast.ts';
import { type AddMultipliers, lowerSum } from './elementwise.ts';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from './fixed_point.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8 } from './requirements.ts';
import { type SumLine, sumLine } from './sum_line.ts';

export interface AddOptions {
  readonly activation: Activation;
}

/** In double precision, as TFLite Micro's add_common.cc. */
export function addMultipliers(node: Node): AddMultipliers {
  const leftShift = 20;
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

/** The line through the layer's outputs, where there is one. */
function lineOf(node: Node<AddOptions>): SumLine | null {
  const output = outputOf(node);
  const zeroPoints = [zeroPointOf(node, inputOf(node, 0)), zeroPointOf(node, inputOf(node, 1))] as const;
  const range = activationRange(node, node.options.activation, output);
  return sumLine(
    { zeroPoints, multipliers: addMultipliers(node) },
    { zeroPoint: zeroPointOf(node, output), min: range.min, max: range.max },
  );
}

export const add = defineOperator<AddOptions>({
  kind: 'ADD',
  code: 0,
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
    const sum = (a: number, b: number) => {
      const shiftedA = (a - firstZeroPoint) << leftShift;
      const shiftedB = (b - secondZeroPoint) << leftShift;
      const scaledA = multiplyByQuantizedMultiplier(shiftedA, first.multiplier, first.shift);
      const scaledB = multiplyByQuantizedMultiplier(shiftedB, second.multiplier, second.shift);
      const raw = (scaledA + scaledB) | 0;
      const scaled = multiplyByQuantizedMultiplier(raw, output.multiplier, output.shift) + outputZeroPoint;
      return clamp(scaled, range.min, range.max);
    };
    return [mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, sum)];
  },

  lower(node, { features }) {
    const call = lowerSum(node, 'add', addMultipliers(node), node.options.activation);
    const count = elementCount(outputOf(node).shape);
    const alike = [0, 1].every((position) => elementCount(inputOf(node, position).shape) === count);
    if (!alike) return call;
    if (features.mve) return { ...call, kernel: 'add_mve' };
    const line = lineOf(node);
    if (line === null) return call;
    const parameters = {
      ...call.parameters,
      offset_1: line.offset,
      multiplier_1: line.first,
      multiplier_2: line.second,
      output_shift: line.shift,
    };
    return { ...call, kernel: 'add_line', parameters };
  },
});
