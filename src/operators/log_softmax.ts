import { elementCount, type TypedArray } from '../graph/graph.ts';
import {
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundingShiftRight,
  toInt8,
} from './fixed_point.ts';
import { expOnNegativeValues, inputRadius, logarithm } from './fixed_point_functions.ts';
import { defineOperator, inputOf, type Node, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { invalid, requireRank, requireShape, requireUnaryInt8 } from './requirements.ts';

const inputBits = 5;
const accumulatorBits = 12;
const outputBits = 4;

interface LogSoftmaxParameters {
  readonly rows: number;
  readonly depth: number;
  /** From differences to 5 integer bits, and back. */
  readonly input: FixedPointMultiplier;
  readonly back: FixedPointMultiplier;
  /** Differences below this add nothing. */
  readonly smallest: number;
}

function logSoftmaxParameters(node: Node): LogSoftmaxParameters {
  const { shape } = inputOf(node, 0);
  const depth = shape.at(-1) ?? 1;
  const real = scaleOf(node, inputOf(node, 0)) * 2 ** (31 - inputBits);
  const input = quantizeMultiplier(Math.min(real, 2 ** 31 - 1));
  return {
    rows: elementCount(shape) / depth,
    depth,
    input,
    back: quantizeMultiplier(2 ** (31 - input.shift) / input.multiplier),
    smallest: -inputRadius(inputBits, input.shift),
  };
}

/** x − max − ln Σ exp(x − max) over the last dimension. */
export const logSoftmax = defineOperator<null>({
  kind: 'LOG_SOFTMAX',
  code: 50,
  supports: 'int8 input and output (output scale 1/16, zero point 127)',
  readOptions: () => null,

  check(node) {
    requireUnaryInt8(node);
    const [input, output] = [inputOf(node, 0), outputOf(node)];
    requireRank(node, input, 1, 8);
    requireShape(node, output, input.shape);
    if (scaleOf(node, output) !== 1 / 16 || zeroPointOf(node, output) !== 127)
      throw unsupported(
        node,
        'the output scale is not 1/16 with zero point 127',
        output,
        'Quantize again with a current TFLite converter.',
      );
    const depth = input.shape.at(-1) ?? 1;
    if (depth >= 2 ** accumulatorBits)
      throw unsupported(
        node,
        `the last dimension has ${depth} elements, and the sum holds fewer than ${2 ** accumulatorBits}`,
        input,
        'Compute the logarithm outside of the model.',
      );
    if (!(scaleOf(node, input) * 2 ** (31 - inputBits) > 1))
      throw invalid(node, 'the input scale is too small', input);
  },

  reference(node, inputs): TypedArray[] {
    const x = inputs[0] as Int8Array;
    const { rows, depth, input, back, smallest } = logSoftmaxParameters(node);
    const scaled = (difference: number) =>
      multiplyByQuantizedMultiplier(difference, input.multiplier, input.shift);
    const result = new Int8Array(x.length).fill(-128);
    for (let row = 0; row < rows; row++) {
      const values = x.subarray(row * depth, (row + 1) * depth);
      const max = values.reduce((a, b) => Math.max(a, b), -128);
      let sum = 0;
      for (const value of values) {
        if (value - max < smallest) continue;
        const exponential = expOnNegativeValues(scaled(value - max), inputBits);
        sum = (sum + roundingShiftRight(exponential, accumulatorBits)) | 0;
      }
      const logOfSum = logarithm(sum, accumulatorBits, inputBits);
      const limit = Math.max(
        smallest - 1,
        multiplyByQuantizedMultiplier((logOfSum - 2 ** 31) | 0, back.multiplier, back.shift),
      );
      for (const [at, value] of values.entries()) {
        if (value - max <= limit) continue;
        const exact = (scaled(value - max) - logOfSum) | 0;
        result[row * depth + at] = toInt8(roundingShiftRight(exact, 31 - inputBits - outputBits) + 127);
      }
    }
    return [result];
  },

  lower(node) {
    const { rows, depth, input, back, smallest } = logSoftmaxParameters(node);
    const exponentials = Int32Array.from({ length: Math.min(256, 1 - smallest) }, (_, difference) =>
      expOnNegativeValues(
        multiplyByQuantizedMultiplier(-difference, input.multiplier, input.shift),
        inputBits,
      ),
    );
    return {
      kernel: 'log_softmax',
      parametersType: 'log_softmax_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'exponentials' },
      ],
      constants: [{ name: 'exponentials', role: 'table', type: 'int32', values: exponentials }],
      parameters: {
        rows,
        depth,
        table_size: exponentials.length,
        multiplier: input.multiplier,
        shift: -input.shift,
        back_multiplier: back.multiplier,
        back_shift: -back.shift,
      },
      scratchBytes: 0,
      inPlace: [0],
      macs: 0,
    };
  },
});
