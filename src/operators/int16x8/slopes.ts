import { elementCount } from '../../graph/graph.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import {
  clamp,
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundAwayFromZero,
} from '../fixed_point.ts';
import type { LeakyReluOptions } from '../leaky_relu.ts';
import { inputOf, type KernelCall, type Node, outputOf } from '../operator.ts';
import { scaleOf } from '../quantization.ts';
import { invalid, requireSameQuantization } from '../requirements.ts';
import { int16Max, int16Min, requireUnaryInt16 } from './tensors.ts';

/** Operators of one int16 input that are two straight lines through zero, on their way to the kernel `slopes_int16`. */

export interface Slopes {
  readonly positive: FixedPointMultiplier;
  /** For inputs below zero. */
  readonly negative: FixedPointMultiplier;
  /** Inputs below zero count as their opposites. */
  readonly mirrored: boolean;
  /** What comes from inputs below zero is turned around. */
  readonly falling: boolean;
  readonly min: number;
  readonly max: number;
}

export function slopeValue(slopes: Slopes, x: number): number {
  const { positive, negative, mirrored, falling, min, max } = slopes;
  if (x >= 0) return clamp(multiplyByQuantizedMultiplier(x, positive.multiplier, positive.shift), min, max);
  const value = multiplyByQuantizedMultiplier(mirrored ? -x : x, negative.multiplier, negative.shift);
  return clamp(falling ? -value : value, min, max);
}

export function lowerSlopes(node: Node, slopes: Slopes): KernelCall {
  return {
    kernel: 'slopes_int16',
    parametersType: 'slopes_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      count: elementCount(inputOf(node, 0).shape),
      multiplier: slopes.positive.multiplier,
      shift: -slopes.positive.shift,
      negative_multiplier: slopes.negative.multiplier,
      negative_shift: -slopes.negative.shift,
      mirrored: slopes.mirrored ? 1 : 0,
      falling: slopes.falling ? 1 : 0,
      output_min: slopes.min,
      output_max: slopes.max,
    },
    scratchBytes: 0,
    inPlace: [0],
    macs: 0,
  };
}

function slopesForm<Options>(
  slopesOf: (node: Node<Options>) => Slopes,
  check: (node: Node<Options>) => void = () => {},
  supports = 'int16 input and output',
): OperatorForm {
  return defineForm<Options>({
    supports,
    check(node) {
      requireUnaryInt16(node);
      check(node);
    },
    reference(node, inputs) {
      const slopes = slopesOf(node);
      return [(inputs[0] as Int16Array).map((x) => slopeValue(slopes, x))];
    },
    lower: (node) => lowerSlopes(node, slopesOf(node)),
  });
}

/** input scale ÷ output scale, in float32. */
function ratioOf(node: Node): number {
  return Math.fround(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)));
}

const straight = { mirrored: false, falling: false, min: int16Min, max: int16Max } as const;

export const leakyReluInt16 = slopesForm<LeakyReluOptions>(
  (node) => {
    const scaled = Math.fround(scaleOf(node, inputOf(node, 0)) * node.options.alpha);
    const slope = Math.fround(scaled / scaleOf(node, outputOf(node)));
    return {
      ...straight,
      positive: quantizeMultiplier(ratioOf(node)),
      negative: quantizeMultiplier(Math.abs(slope)),
      falling: slope < 0,
    };
  },
  (node) => {
    if (!Number.isFinite(node.options.alpha)) throw invalid(node, 'the slope alpha is no number');
  },
);

export const reluInt16 = slopesForm((node) => {
  const ratio = quantizeMultiplier(ratioOf(node));
  return { ...straight, positive: ratio, negative: ratio, min: 0 };
});

/** The reference clamps without requantizing. */
export const relu6Int16 = slopesForm(
  (node) => {
    const one = quantizeMultiplier(1);
    const six = roundAwayFromZero(Math.fround(6 / scaleOf(node, inputOf(node, 0))));
    return { ...straight, positive: one, negative: one, min: 0, max: clamp(six, int16Min, int16Max) };
  },
  (node) => requireSameQuantization(node, inputOf(node, 0), outputOf(node)),
  'int16 input and output of the same scale',
);

export const absInt16 = slopesForm((node) => {
  const ratio = quantizeMultiplier(ratioOf(node));
  return { ...straight, positive: ratio, negative: ratio, mirrored: true };
});
