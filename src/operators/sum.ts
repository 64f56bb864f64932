import type { TypedArray } from '../graph/graph.ts';
import { multiplyByQuantizedMultiplier, quantizeMultiplier, toInt8 } from './fixed_point.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import {
  checkReduce,
  type ReduceOptions,
  readReduceOptions,
  reducedSums,
  reduceGeometry,
} from './reduction.ts';
import { noKernelYet } from './requirements.ts';

export const sum = defineOperator<ReduceOptions>({
  kind: 'SUM',
  code: 74,
  supports: 'int8 input and output, constant axes',
  readOptions: readReduceOptions,
  check: checkReduce,

  reference(node, inputs): TypedArray[] {
    const { count } = reduceGeometry(node);
    const { multiplier, shift } = quantizeMultiplier(
      scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)),
    );
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
    throw noKernelYet(node);
  },
});
