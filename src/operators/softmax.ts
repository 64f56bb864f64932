import { elementCount, type TypedArray } from '../graph/graph.ts';
import { highMultiply, quantizeMultiplier, roundingShiftRight, toInt8 } from './fixed_point.ts';
import { expOnNegativeValues, inputRadius, reciprocal } from './fixed_point_functions.ts';
import { defineOperator, inputOf, type KernelCall, type Node, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { invalid, requireRank, requireUnaryInt8 } from './requirements.ts';

export interface SoftmaxOptions {
  /** float32 factor on the logits. */
  readonly beta: number;
}

export interface SoftmaxParameters {
  /** Vectors, and elements of each: the softmax is over the last dimension. */
  readonly rows: number;
  readonly depth: number;
  /** (x − max) × 2^leftShift × multiplier / 2³¹ is the exponent with 5 integer bits. */
  readonly multiplier: number;
  readonly leftShift: number;
  /** Differences below this give 0. */
  readonly smallestDifference: number;
}

const scaledDifferenceBits = 5;
/** Integer bits of the sum of exponentials. */
export const accumulatorBits = 12;

/** TFLite's PreprocessSoftmaxScaling. */
export function softmaxParameters(node: Node<SoftmaxOptions>): SoftmaxParameters {
  const input = inputOf(node, 0);
  const depth = input.shape.at(-1) ?? 1;
  const real = node.options.beta * scaleOf(node, input) * 2 ** (31 - scaledDifferenceBits);
  const { multiplier, shift } = quantizeMultiplier(Math.min(real, 2 ** 31 - 1));
  return {
    rows: elementCount(input.shape) / depth,
    depth,
    multiplier,
    leftShift: shift,
    smallestDifference: -inputRadius(scaledDifferenceBits, shift),
  };
}

/** exp(difference × scale × beta) in Q0, for smallestDifference ≤ difference ≤ 0. */
export function softmaxExponential(parameters: SoftmaxParameters, difference: number): number {
  const scaled = highMultiply(difference << parameters.leftShift, parameters.multiplier);
  return expOnNegativeValues(scaled, scaledDifferenceBits);
}

export const softmax = defineOperator<SoftmaxOptions>({
  kind: 'SOFTMAX',
  code: 25,
  supports: 'int8 input and output (output scale 1/256, zero point -128)',
  readOptions: (options) => ({ beta: options.float32(0) }),

  check(node) {
    requireUnaryInt8(node);
    requireRank(node, inputOf(node, 0), 1, 8);
    const output = outputOf(node);
    if (scaleOf(node, output) !== 1 / 256 || zeroPointOf(node, output) !== -128)
      throw unsupported(
        node,
        'the output scale is not 1/256 with zero point -128',
        output,
        'Quantize again with a current TFLite converter.',
      );
    const { beta } = node.options;
    // The reference's fixed point wants a multiplier above one.
    if (!(beta * scaleOf(node, inputOf(node, 0)) * 2 ** 26 > 1))
      throw invalid(node, `beta ${beta} is too small or no number`, inputOf(node, 0));
  },

  reference(node, inputs): TypedArray[] {
    const x = inputs[0] as Int8Array;
    const parameters = softmaxParameters(node);
    const { rows, depth, smallestDifference } = parameters;
    const result = new Int8Array(x.length).fill(-128);
    for (let row = 0; row < rows; row++) {
      const values = x.subarray(row * depth, (row + 1) * depth);
      const max = values.reduce((a, b) => Math.max(a, b), -128);
      let sum = 0;
      for (const value of values) {
        if (value - max < smallestDifference) continue;
        sum = (sum + roundingShiftRight(softmaxExponential(parameters, value - max), accumulatorBits)) | 0;
      }
      const scale = reciprocal(sum, accumulatorBits);
      const exponent = scale.bitsOverUnit + 31 - 8;
      for (const [at, value] of values.entries()) {
        if (value - max < smallestDifference) continue;
        const exponential = softmaxExponential(parameters, value - max);
        const probability = roundingShiftRight(highMultiply(scale.reciprocal, exponential), exponent);
        result[row * depth + at] = toInt8(probability - 128);
      }
    }
    return [result];
  },

  lower: (node) => lowerSoftmax(node),
});

/** The kernel call of a softmax of int8, whose differences have a table of exponentials. */
export function lowerSoftmax(
  node: Node<SoftmaxOptions>,
  kernel = 'softmax',
  inPlace: readonly number[] = [0],
): KernelCall {
  const parameters = softmaxParameters(node);
  const tableSize = Math.min(256, 1 - parameters.smallestDifference);
  const exponentials = Int32Array.from({ length: tableSize }, (_, difference) =>
    softmaxExponential(parameters, -difference),
  );
  return {
    kernel,
    parametersType: 'softmax_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
      { is: 'constant', name: 'exponentials' },
    ],
    constants: [{ name: 'exponentials', role: 'table', type: 'int32', values: exponentials }],
    parameters: { rows: parameters.rows, depth: parameters.depth, table_size: tableSize },
    scratchBytes: 0,
    inPlace,
    macs: 0,
  };
}
