import type { TypedArray } from '../../graph/graph.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { toInt8 } from '../fixed_point.ts';
import { inputOf, outputOf } from '../operator.ts';
import { scaleOf, zeroPointOf } from '../quantization.ts';
import { quantize } from '../quantize.ts';
import { quantizeOnce as quantized } from '../single_rounding.ts';

/** QuantizeLinear: halves to the even neighbour. Between integers of one scale QUANTIZE is as ever. */
export const quantizeOnce: readonly [string, OperatorForm] = [
  'QUANTIZE',
  defineForm({
    supports: quantize.supports,
    check: (node) => quantize.check(node),

    reference(node, inputs): TypedArray[] {
      if (inputOf(node, 0).type !== 'float32') return quantize.reference(node, inputs);
      const [scale, zeroPoint] = [scaleOf(node, outputOf(node)), zeroPointOf(node, outputOf(node))];
      return [Int8Array.from(inputs[0] as Float32Array, (real) => toInt8(quantized(real, scale, zeroPoint)))];
    },

    lower(node, context) {
      const call = quantize.lower(node, context);
      return inputOf(node, 0).type === 'float32' ? { ...call, kernel: 'quantize_once' } : call;
    },
  }),
];
