import { elementCount, type TypedArray } from '../graph/graph.ts';
import { type Activation, readActivation } from './activation.ts';
import { multiplyByQuantizedMultiplier, toInt8 } from './fixed_point.ts';
import { inverseSquareRoot } from './fixed_point_functions.ts';
import { defineOperator, inputOf, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireRank, requireUnaryInt8 } from './requirements.ts';

export interface L2NormalizationOptions {
  readonly activation: Activation;
}

/** The output's scale is 1/128. */
const outputBits = 7;

/** x / √Σx² over the last dimension. */
export const l2Normalization = defineOperator<L2NormalizationOptions>({
  kind: 'L2_NORMALIZATION',
  code: 11,
  supports: 'int8 input and output (output scale 1/128, zero point 0), no fused activation',
  readOptions: (options) => ({ activation: readActivation(options, 0) }),

  check(node) {
    requireUnaryInt8(node);
    requireRank(node, inputOf(node, 0), 1, 4);
    const output = outputOf(node);
    if (scaleOf(node, output) !== 1 / 128 || zeroPointOf(node, output) !== 0)
      throw unsupported(
        node,
        'the output scale is not 1/128 with zero point 0',
        output,
        'Quantize again with a current TFLite converter.',
      );
    if (node.options.activation !== 'none')
      throw unsupported(node, 'a fused activation is not supported', null, 'Make it a layer of its own.');
  },

  reference(node, inputs): TypedArray[] {
    const { shape } = inputOf(node, 0);
    const zeroPoint = zeroPointOf(node, inputOf(node, 0));
    const depth = shape.at(-1) ?? 1;
    const rows = elementCount(shape) / depth;
    const x = inputs[0] as Int8Array;
    const result = new Int8Array(x.length);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let at = row * depth; at < (row + 1) * depth; at++) {
        const value = (x[at] as number) - zeroPoint;
        sum = (sum + value * value) | 0;
      }
      const { multiplier, shift } = inverseSquareRoot(sum);
      for (let at = row * depth; at < (row + 1) * depth; at++) {
        const value = (x[at] as number) - zeroPoint;
        result[at] = toInt8(multiplyByQuantizedMultiplier(value, multiplier, shift + outputBits));
      }
    }
    return [result];
  },

  lower(node) {
    const { shape } = inputOf(node, 0);
    const depth = shape.at(-1) ?? 1;
    return {
      kernel: 'l2_normalization',
      parametersType: 'l2_normalization_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
      ],
      constants: [],
      parameters: {
        rows: elementCount(shape) / depth,
        depth,
        offset: -zeroPointOf(node, inputOf(node, 0)),
      },
      scratchBytes: 0,
      inPlace: [0],
      macs: 0,
    };
  },
});
