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

function sumMultiplier(node: Node): FixedPointMultiplier {
  return quantizeMultiplier(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)));
}

export const sum = defineOperator<ReduceOptions>({
  kind: 'SUM',
  code: 74,
  supports: 'int8 input and output, constant axes',
  readOptions: readReduceOptions,
  check: checkReduce,

  reference(node, inputs): TypedArray[] {
    const { count } = reduceGeometry(node);
    const { multiplier, shift } = sumMultiplier(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const sums = reducedSums(node, inputs[0] as Int8Array);
    return [
      Int8Array.from(sums, (total) =>
        toInt8(
          multiplyByQuantizedMultiplier(total - inputZeroPoint * count, multiplier, shift) + outputZeroPoint,
        ),
      ),
    ];
  },

  lower(node) {
    const { count } = reduceGeometry(node);
    const { multiplier, shift } = sumMultiplier(node);
    return lowerReduction(node, 'sum', {
      offset: -zeroPointOf(node, inputOf(node, 0)) * count,
      multiplier,
      shift: -shift,
      output_zero_point: zeroPointOf(node, outputOf(node)),
    });
  },
});
