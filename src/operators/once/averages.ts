import type { TypedArray } from '../../graph/graph.ts';
import { activationRange } from '../activation.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { clamp, toInt8 } from '../fixed_point.ts';
import { inputOf, type Node, outputOf } from '../operator.ts';
import { checkPool, lowerPool, type PoolOptions, poolGeometry, poolWindows } from '../pooling.ts';
import { scaleOf, zeroPointOf } from '../quantization.ts';
import {
  checkReduce,
  lowerReduction,
  type ReduceOptions,
  reducedSums,
  reduceGeometry,
} from '../reduction.ts';
import { floatBits, multiplyRoundedOnce } from '../single_rounding.ts';

/**
 * MEAN, SUM and AVERAGE_POOL_2D as ONNX has them between DequantizeLinear and QuantizeLinear, with the sum exact in
 * integers: (Σ input − count × zero point) × (input scale ÷ output scale ÷ count), rounded once. onnxruntime sums in float32,
 * in an order of its own: where the mean is halfway between two integers, its rounding errors decide.
 */

/** input scale ÷ output scale ÷ count, in float32. */
function averageScale(node: Node, count: number): number {
  return Math.fround(Math.fround(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node))) / count);
}

function reductionOf(kernel: 'mean' | 'sum'): OperatorForm {
  const scale = (node: Node): number =>
    averageScale(node, kernel === 'mean' ? reduceGeometry(node).count : 1);
  return defineForm<ReduceOptions>({
    supports: 'int8 input and output, constant axes',
    check: checkReduce,

    reference(node, inputs): TypedArray[] {
      const offset = zeroPointOf(node, inputOf(node, 0)) * reduceGeometry(node).count;
      const [multiplier, zeroPoint] = [scale(node), zeroPointOf(node, outputOf(node))];
      const sums = reducedSums(node, inputs[0] as Int8Array);
      return [
        Int8Array.from(sums, (sum) => toInt8(multiplyRoundedOnce(sum - offset, multiplier) + zeroPoint)),
      ];
    },

    lower: (node) =>
      lowerReduction(node, 'sum_once', {
        offset: -zeroPointOf(node, inputOf(node, 0)) * reduceGeometry(node).count,
        multiplier: floatBits(scale(node)),
        output_zero_point: zeroPointOf(node, outputOf(node)),
      }),
  });
}

const averagePool = defineForm<PoolOptions>({
  supports: 'int8 input and output',
  check: checkPool,

  reference(node, inputs): TypedArray[] {
    const x = inputs[0] as Int8Array;
    const range = activationRange(node, node.options.activation, outputOf(node));
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const zeroPoint = zeroPointOf(node, outputOf(node));
    const average = (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => {
      let sum = 0;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          sum += (x[first + row * rowStep + column * columnStep] as number) - inputZeroPoint;
      return clamp(
        multiplyRoundedOnce(sum, averageScale(node, rows * columns)) + zeroPoint,
        range.min,
        range.max,
      );
    };
    return [poolWindows(poolGeometry(node), average)];
  },

  lower(node) {
    const call = lowerPool(node, 'average_pool_once');
    return {
      ...call,
      parametersType: 'average_pool_once_parameters',
      parameters: {
        ...call.parameters,
        input_zero_point: zeroPointOf(node, inputOf(node, 0)),
        output_zero_point: zeroPointOf(node, outputOf(node)),
        multiplier: floatBits(averageScale(node, 1)),
      },
    };
  },
});

export const averagesOnce: readonly (readonly [string, OperatorForm])[] = [
  ['MEAN', reductionOf('mean')],
  ['SUM', reductionOf('sum')],
  ['AVERAGE_POOL_2D', averagePool],
];
