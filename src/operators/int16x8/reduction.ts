import { defineForm, type OperatorForm } from '../arithmetic.ts';
import {
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
} from '../fixed_point.ts';
import { meanMultiplier } from '../mean.ts';
import { inputOf, type Node, outputOf } from '../operator.ts';
import { scaleOf } from '../quantization.ts';
import {
  checkReduceOf,
  lowerReduction,
  type ReduceOptions,
  reducedSums,
  reduceGeometry,
} from '../reduction.ts';
import { invalid } from '../requirements.ts';
import { requireInt16, toInt16 } from './tensors.ts';

/** MEAN and SUM, with sums of 32 bits, as for int8. */
function summed(multiplierOf: (node: Node) => FixedPointMultiplier): OperatorForm {
  return defineForm<ReduceOptions>({
    supports: 'int16 input and output, constant axes',

    check(node) {
      checkReduceOf(node, requireInt16);
      const { count } = reduceGeometry(node);
      if (count > 65535)
        throw invalid(node, `a sum of ${count} elements may overflow 32 bits`, inputOf(node, 0));
    },

    reference(node, inputs) {
      const { multiplier, shift } = multiplierOf(node);
      const sums = reducedSums(node, inputs[0] as Int16Array);
      return [Int16Array.from(sums, (sum) => toInt16(multiplyByQuantizedMultiplier(sum, multiplier, shift)))];
    },

    lower(node) {
      const { multiplier, shift } = multiplierOf(node);
      return lowerReduction(node, 'sum_int16', { multiplier, shift: -shift });
    },
  });
}

export const meanInt16 = summed(meanMultiplier);

export const sumInt16 = summed((node) =>
  quantizeMultiplier(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node))),
);
