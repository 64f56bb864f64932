import { elementCount } from '../../graph/graph.ts';
import { defineForm } from '../arithmetic.ts';
import {
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
} from '../fixed_point.ts';
import { inverseSquareRoot } from '../fixed_point_functions.ts';
import { inputOf, type Node, outputOf } from '../operator.ts';
import { scaleOf } from '../quantization.ts';
import { int16Max, requireUnaryInt16, toInt16 } from './tensors.ts';

/** Bits that keep 1/√x an integer between the two multiplications. */
const fractionBits = 20;

function scaleMultiplier(node: Node): FixedPointMultiplier {
  const root = Math.fround(Math.sqrt(scaleOf(node, inputOf(node, 0))));
  return quantizeMultiplier(1 / Math.fround(root * scaleOf(node, outputOf(node))));
}

/** 1/√x. At and below zero, where the real function ends (and TFLite Micro stops with an error below), the largest value. */
export const rsqrtInt16 = defineForm<null>({
  supports: 'int16 input and output',
  check: requireUnaryInt16,

  reference(node, inputs) {
    const scale = scaleMultiplier(node);
    return [
      (inputs[0] as Int16Array).map((value) => {
        if (value <= 0) return int16Max;
        const { multiplier, shift } = inverseSquareRoot(value);
        const root = multiplyByQuantizedMultiplier(1, multiplier, shift + fractionBits);
        return toInt16(multiplyByQuantizedMultiplier(root, scale.multiplier, scale.shift - fractionBits));
      }),
    ];
  },

  lower(node) {
    const { multiplier, shift } = scaleMultiplier(node);
    return {
      kernel: 'rsqrt_int16',
      parametersType: 'rsqrt_int16_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
      ],
      constants: [],
      parameters: {
        count: elementCount(inputOf(node, 0).shape),
        multiplier,
        shift: fractionBits - shift,
      },
      scratchBytes: 0,
      inPlace: [0],
      macs: 0,
    };
  },
});
