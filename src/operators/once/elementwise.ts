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
import {
  dequantizeOnce,
  floatBits,
  productScale,
  quantizeOnce,
  roundHalfToEven,
} from '../single_rounding.ts';
import { sub } from '../sub.ts';
import { lineThroughPairs, type SumLine } from '../sum_line.ts';

/**
 * ADD, SUB and MUL as ONNX's DequantizeLinear, operator, QuantizeLinear: each step in float32, rounded to an integer once.
 */

interface Options {
  readonly activation: Activation;
  /** QLinearAdd and QLinearMul: scales are divided first, and the zero point is added before it is rounded. */
  readonly addsBeforeRounding?: boolean;
}

type Combine = (a: number, b: number) => number;

interface Scales {
  readonly first: number;
  readonly second: number;
  /** The result is divided by it or, where the zero point is added before rounding, multiplied. */
  readonly output: number;
}

function scalesOf(node: Node<Options>, isProduct: boolean): Scales {
  const [first, second, output] = [inputOf(node, 0), inputOf(node, 1), outputOf(node)].map((tensor) =>
    scaleOf(node, tensor),
  ) as [number, number, number];
  if (node.options.addsBeforeRounding !== true) return { first, second, output };
  return isProduct
    ? { first: 1, second: 1, output: productScale(first, second, output) }
    : { first: Math.fround(first / output), second: Math.fround(second / output), output: 1 };
}

/** What a pair of int8 numbers gives, clamped. */
function answerOf(
  node: Node<Options>,
  combine: Combine,
  isProduct: boolean,
): (a: number, b: number) => number {
  const [first, second, output] = [inputOf(node, 0), inputOf(node, 1), outputOf(node)];
  const scales = scalesOf(node, isProduct);
  const real = (tensor: typeof first, scale: number): Float32Array => {
    const zeroPoint = zeroPointOf(node, tensor);
    return Float32Array.from({ length: 256 }, (_, at) => dequantizeOnce(at - 128, scale, zeroPoint));
  };
  const [ofFirst, ofSecond] = [real(first, scales.first), real(second, scales.second)];
  const zeroPoint = zeroPointOf(node, output);
  const range = activationRange(node, node.options.activation, output);
  return (a, b) => {
    const result = Math.fround(combine(ofFirst[a + 128] as number, ofSecond[b + 128] as number));
    const rounded =
      node.options.addsBeforeRounding === true
        ? roundHalfToEven(Math.fround(Math.fround(result * scales.output) + zeroPoint))
        : quantizeOnce(result, scales.output, zeroPoint);
    return clamp(rounded, range.min, range.max);
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
  return lineThroughPairs(answerOf(node, combine, false), slopes, range);
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
      mapBroadcast(
        node,
        inputs[0] as Int8Array,
        inputs[1] as Int8Array,
        answerOf(node, combine, sign === null),
      ),
    ],

    lower(node) {
      const scales = scalesOf(node, sign === null);
      const call = lowerElementwise(
        node,
        `${kernel}_once`,
        {
          multiplier_1: floatBits(scales.first),
          multiplier_2: floatBits(scales.second),
          output_multiplier: floatBits(scales.output),
          left_shift: node.options.addsBeforeRounding === true ? 1 : 0,
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
