import type { TypedArray } from '../graph/graph.ts';
import {
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  toInt8,
} from './fixed_point.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import {
  checkReduce,
  lowerReduction,
  type ReduceOptions,
  readReduceOptions,
  reducedSums,
  reduceGeometry,
} from './reduction.ts';

/**
 * input scale ÷ output scale ÷ count, the division by the count made on the quantized multiplier with as many
 * extra bits as fit (TFLite's QuantizedMeanOrSum).
 */
export function meanMultiplier(node: Node): FixedPointMultiplier {
  const { count } = reduceGeometry(node);
  const { multiplier, shift } = quantizeMultiplier(
    scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)),
  );
  const extra = Math.min(31 - Math.clz32(count), 31 + shift);
  return { multiplier: Number((BigInt(multiplier) << BigInt(extra)) / BigInt(count)), shift: shift - extra };
}

export const mean = defineOperator<ReduceOptions>({
  kind: 'MEAN',
  code: 40,
  supports: 'int8 input and output, constant axes',
  readOptions: readReduceOptions,
  check: checkReduce,

  reference(node, inputs): TypedArray[] {
    const { count } = reduceGeometry(node);
    const { multiplier, shift } = meanMultiplier(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const sums = reducedSums(node, inputs[0] as Int8Array);
    return [
      Int8Array.from(sums, (sum) =>
        toInt8(
          multiplyByQuantizedMultiplier(sum - inputZeroPoint * count, multiplier, shift) + outputZeroPoint,
        ),
      ),
    ];
  },

  lower(node) {
    const { count } = reduceGeometry(node);
    const { multiplier, shift } = meanMultiplier(node);
    return lowerReduction(node, 'mean', {
      offset: -zeroPointOf(node, inputOf(node, 0)) * count,
      multiplier,
      shift: -shift,
      output_zero_point: zeroPointOf(node, outputOf(node)),
    });
  },
});
