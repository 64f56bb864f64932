import { elementCount, type TypedArray } from '../../graph/graph.ts';
import { type Activation, activationRange } from '../activation.ts';
import { add } from '../add.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { mapBroadcast } from '../broadcast.ts';
import { lowerElementwise } from '../elementwise.ts';
import { clamp } from '../fixed_point.ts';
import { mul } from '../mul.ts';
import { inputOf, type Node, outputOf } from '../operator.ts';
import { scaleOf, zeroPointOf } from '../quantization.ts';
import { dequantizeOnce, floatBits, quantizeOnce } from '../single_rounding.ts';
import { sub } from '../sub.ts';
import { lineThroughPairs, type SumLine } from '../sum_line.ts';

/**
 * ADD, SUB and MUL as ONNX's DequantizeLinear, operator, QuantizeLinear: each step in float32, rounded to an integer once.
 */

interface Options {
  readonly activation: Activation;
}

type Combine = (a: number, b: number) => number;

/** What a pair of int8 numbers gives, clamped. */
function answerOf(node: Node<Options>, combine: Combine): (a: number, b: number) => number {
  const [first, second, output] = [inputOf(node, 0), inputOf(node, 1), outputOf(node)];
  const real = (tensor: typeof first): Float32Array => {
    const [scale, zeroPoint] = [scaleOf(node, tensor), zeroPointOf(node, tensor)];
    return Float32Array.from({ length: 256 }, (_, at) => dequantizeOnce(at - 128, scale, zeroPoint));
  };
  const [ofFirst, ofSecond] = [real(first), real(second)];
  const [scale, zeroPoint] = [scaleOf(node, output), zeroPointOf(node, output)];
  const range = activationRange(node, node.options.activation, output);
  return (a, b) => {
    const result = Math.fround(combine(ofFirst[a + 128] as number, ofSecond[b + 128] as number));
    return clamp(quantizeOnce(result, scale, zeroPoint), range.min, range.max);
  };
}

/** The line through the outputs of all pairs, where there is one. */
function lineOf(node: Node<Options>, combine: Combine, sign: 1 | -1): SumLine | null {
  const output = outputOf(node);
  const range = activationRange(node, node.options.activation, output);
  const scale = scaleOf(node, output);
  const slopes = [
    scaleOf(node, inputOf(node, 0)) / scale,
    (sign * scaleOf(node, inputOf(node, 1))) / scale,
  ] as const;
  return lineThroughPairs(answerOf(node, combine), slopes, range);
}

function formOf(
  base: OperatorForm,
  kernel: 'add' | 'sub' | 'mul',
  combine: Combine,
  sign: 1 | -1 | null,
): OperatorForm {
  return defineForm<Options>({
    supports: 'int8 inputs and output, broadcasting',
    check: (node) => base.check(node),

    reference: (node, inputs): TypedArray[] => [
      mapBroadcast(node, inputs[0] as Int8Array, inputs[1] as Int8Array, answerOf(node, combine)),
    ],

    lower(node) {
      const bits = (tensor: ReturnType<typeof inputOf>): number => floatBits(scaleOf(node, tensor));
      const call = lowerElementwise(
        node,
        `${kernel}_once`,
        {
          multiplier_1: bits(inputOf(node, 0)),
          multiplier_2: bits(inputOf(node, 1)),
          output_multiplier: bits(outputOf(node)),
        },
        node.options.activation,
      );
      const count = elementCount(outputOf(node).shape);
      const isAlike = [0, 1].every((position) => elementCount(inputOf(node, position).shape) === count);
      const line = sign === null || !isAlike ? null : lineOf(node, combine, sign);
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
}

export const elementwiseOnce: readonly (readonly [string, OperatorForm])[] = [
  ['ADD', formOf(add, 'add', (a, b) => a + b, 1)],
  ['SUB', formOf(sub, 'sub', (a, b) => a - b, -1)],
  ['MUL', formOf(mul, 'mul', (a, b) => a * b, null)],
];
