import { elementCount, type TypedArray } from '../../graph/graph.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { toInt8 } from '../fixed_point.ts';
import { inputOf, type KernelCall, type Node, outputOf, unsupported } from '../operator.ts';
import { scaleOf, zeroPointOf } from '../quantization.ts';
import { requireUnaryInt8 } from '../requirements.ts';

/**
 * SOFTMAX between DequantizeLinear and QuantizeLinear, over the last dimension. Exponentials are integers of 31 bits after
 * the point and the division is exact, so that the result is within 2⁻²⁰ output steps of the real one before it is rounded;
 * onnxruntime's float32 is within 10⁻⁴ steps.
 */

interface Options {
  readonly beta: number;
}

const fractionBits = 20;
/** Bits of the sum: 2¹⁶ exponentials of at most 2³¹. */
const mostDepth = 2 ** 16;

/** exp(−d × beta × scale) for differences d from 0 to 255, Q31. */
function exponentials(node: Node<Options>): readonly number[] {
  const step = node.options.beta * scaleOf(node, inputOf(node, 0));
  return Array.from({ length: 256 }, (_, d) =>
    Math.min(Math.round(Math.exp(-d * step) * 2 ** 31), 2 ** 31 - 1),
  );
}

/** 1 ÷ output scale with `fractionBits` bits after the point. */
function stepsPerUnit(node: Node): number {
  return Math.round(2 ** fractionBits / scaleOf(node, outputOf(node)));
}

export const softmaxOnce: readonly [string, OperatorForm] = [
  'SOFTMAX',
  defineForm<Options>({
    supports: 'int8 input and output',

    check(node) {
      requireUnaryInt8(node);
      const output = outputOf(node);
      // The product of an exponential and this stays below 2⁶³.
      if (stepsPerUnit(node) >= 2 ** 32)
        throw unsupported(
          node,
          `the output scale ${scaleOf(node, output)} is too small for a probability`,
          output,
          'Quantize again: 1/256 holds a softmax.',
        );
      if ((inputOf(node, 0).shape.at(-1) ?? 1) > mostDepth)
        throw unsupported(node, `more than ${mostDepth} classes are not supported`, output, 'Use fewer.');
    },

    reference(node, inputs): TypedArray[] {
      const x = inputs[0] as Int8Array;
      const depth = inputOf(node, 0).shape.at(-1) ?? 1;
      const zeroPoint = zeroPointOf(node, outputOf(node));
      const table = exponentials(node).map(BigInt);
      const steps = BigInt(stepsPerUnit(node));
      const half = 1n << BigInt(fractionBits - 1);
      const result = new Int8Array(x.length);
      for (let row = 0; row < x.length; row += depth) {
        const most = x.subarray(row, row + depth).reduce((a, b) => Math.max(a, b), -128);
        const exponentialOf = (at: number): bigint => table[most - (x[at] as number)] as bigint;
        let sum = 0n;
        for (let at = row; at < row + depth; at++) sum += exponentialOf(at);
        for (let at = row; at < row + depth; at++) {
          const level = (exponentialOf(at) * steps) / sum;
          result[at] = toInt8(Number((level + half) >> BigInt(fractionBits)) + zeroPoint);
        }
      }
      return [result];
    },

    lower(node): KernelCall {
      const depth = inputOf(node, 0).shape.at(-1) ?? 1;
      const range = 256;
      return {
        kernel: 'softmax_once',
        parametersType: 'softmax_once_parameters',
        arguments: [
          { is: 'input', index: 0 },
          { is: 'output', index: 0 },
          { is: 'constant', name: 'exponentials' },
        ],
        constants: [
          {
            name: 'exponentials',
            role: 'table',
            type: 'int32',
            values: exponentials(node).slice(0, range),
          },
        ],
        parameters: {
          rows: elementCount(inputOf(node, 0).shape) / depth,
          depth,
          steps: stepsPerUnit(node) | 0,
          output_zero_point: zeroPointOf(node, outputOf(node)),
        },
        scratchBytes: 0,
        inPlace: [],
        macs: 0,
      };
    },
  }),
];
