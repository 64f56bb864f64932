import { elementCount, type Tensor } from '../graph/graph.ts';
import { type Activation, activationRange } from './activation.ts';
import { stridesOf } from './broadcast.ts';
import type { FixedPointMultiplier } from './fixed_point.ts';
import { inputOf, type KernelCall, type Node, outputOf } from './operator.ts';
import { zeroPointOf } from './quantization.ts';
import { invalid } from './requirements.ts';

/** Operators of two or three inputs on their way to the kernel frame `elementwise.h`. */

export interface Walk {
  /** Four dimensions, outermost first, and the step of each input along each; 0 repeats. */
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

const walkDimensions = 4;

/** The broadcast loops of the inputs at `positions`, neighbouring dimensions merged where every input runs through both. Throws when more than four are left. */
export function broadcastWalk(node: Node, positions: readonly number[] = [0, 1]): Walk {
  const output = outputOf(node);
  const inputs = positions.map((position) => inputOf(node, position));
  const steps = inputs.map((input) => broadcastStrides(input, output));
  const merged: { extent: number; strides: number[] }[] = [];
  for (const [axis, extent] of output.shape.entries()) {
    if (extent === 1) continue;
    const strides = steps.map((step) => step[axis] as number);
    const last = merged.at(-1);
    if (last?.strides.every((stride, input) => stride === (strides[input] as number) * extent)) {
      last.extent *= extent;
      last.strides = strides;
    } else {
      merged.push({ extent, strides });
    }
  }
  if (merged.length > walkDimensions)
    throw invalid(
      node,
      `broadcasting over ${merged.length} separate dimensions has no kernel (at most ${walkDimensions})`,
    );
  while (merged.length < walkDimensions) merged.unshift({ extent: 1, strides: positions.map(() => 0) });
  return {
    shape: merged.map(({ extent }) => extent),
    strides: inputs.map((_, input) => merged.map(({ strides }) => strides[input] as number)),
  };
}

function broadcastStrides(input: Tensor, output: Tensor): number[] {
  const own = stridesOf(input.shape);
  const missing = output.shape.length - input.shape.length;
  return output.shape.map((_, axis) =>
    axis < missing || input.shape[axis - missing] === 1 ? 0 : (own[axis - missing] as number),
  );
}

/** The kernel call of any element-by-element operator: the loops, and `parameters` of its own. */
export function lowerElementwise(
  node: Node,
  kernel: string,
  parameters: Readonly<Record<string, number>>,
  activation: Activation,
): KernelCall {
  const { shape, strides } = broadcastWalk(node);
  const range = activationRange(node, activation, outputOf(node));
  const whole = elementCount(outputOf(node).shape);
  return {
    kernel,
    parametersType: 'elementwise_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'input', index: 1 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      shape,
      strides_1: strides[0] ?? [],
      strides_2: strides[1] ?? [],
      offset_1: -zeroPointOf(node, inputOf(node, 0)),
      offset_2: -zeroPointOf(node, inputOf(node, 1)),
      output_zero_point: zeroPointOf(node, outputOf(node)),
      output_min: range.min,
      output_max: range.max,
      ...parameters,
    },
    scratchBytes: 0,
    inPlace: [0, 1].filter((position) => elementCount(inputOf(node, position).shape) === whole),
    macs: 0,
  };
}

/** Both inputs are brought to a common scale, twice the larger one, with 20 more bits, before they are added. */
export interface AddMultipliers {
  readonly leftShift: number;
  readonly first: FixedPointMultiplier;
  readonly second: FixedPointMultiplier;
  readonly output: FixedPointMultiplier;
}

/** ADD, SUB and SQUARED_DIFFERENCE. */
export function lowerSum(
  node: Node,
  kernel: 'add' | 'sub' | 'squared_difference',
  { leftShift, first, second, output }: AddMultipliers,
  activation: Activation,
): KernelCall {
  return lowerElementwise(
    node,
    kernel,
    {
      left_shift: leftShift,
      multiplier_1: first.multiplier,
      shift_1: -first.shift,
      multiplier_2: second.multiplier,
      shift_2: -second.shift,
      output_multiplier: output.multiplier,
      output_shift: -output.shift,
    },
    activation,
  );
}
