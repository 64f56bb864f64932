import type { TypedArray } from '../graph/graph.ts';
import { elementCount } from '../graph/graph.ts';
import {
  clamp,
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundAwayFromZero,
  toInt8,
} from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type Node, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireInt8, requireSameElements, requireType } from './requirements.ts';

/** int8 to int8 of another scale. */
export function requantizeMultiplier(node: Node): FixedPointMultiplier {
  return quantizeMultiplier(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)));
}

/**
 * round(real / scale) + zero point in float32, halves away from zero. Beyond int32, where the reference's C
 * is undefined, we saturate; not-a-number gives the zero point (both as Arm's conversion does).
 */
export function quantizeFloat(real: number, scale: number, zeroPoint: number): number {
  const rounded = roundAwayFromZero(Math.fround(real / scale));
  return toInt8((Number.isNaN(rounded) ? 0 : clamp(rounded, -(2 ** 30), 2 ** 30)) + zeroPoint);
}

export const quantize: OperatorDefinition = defineOperator<null>({
  kind: 'QUANTIZE',
  code: 114,
  supports: 'float32 or int8 input, int8 output',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    const input = inputOf(node, 0);
    requireType(node, input, ['float32', 'int8']);
    if (input.type === 'int8') requireInt8(node, input);
    requireInt8(node, outputOf(node));
    requireSameElements(node, input, outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const input = inputOf(node, 0);
    const zeroPoint = zeroPointOf(node, outputOf(node));
    if (input.type === 'float32') {
      const scale = scaleOf(node, outputOf(node));
      return [Int8Array.from(inputs[0] as Float32Array, (real) => quantizeFloat(real, scale, zeroPoint))];
    }
    const { multiplier, shift } = requantizeMultiplier(node);
    const inputZeroPoint = zeroPointOf(node, input);
    return [
      (inputs[0] as Int8Array).map((value) =>
        toInt8(multiplyByQuantizedMultiplier(value - inputZeroPoint, multiplier, shift) + zeroPoint),
      ),
    ];
  },

  lower(node) {
    if (inputOf(node, 0).type === 'int8') return lowerToLookUp(quantize, node);
    return {
      kernel: 'quantize',
      parametersType: 'quantize_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'scale' },
      ],
      constants: [{ name: 'scale', role: 'table', type: 'float32', values: [scaleOf(node, outputOf(node))] }],
      parameters: {
        count: elementCount(outputOf(node).shape),
        zero_point: zeroPointOf(node, outputOf(node)),
      },
      scratchBytes: 0,
      inPlace: [],
      macs: 0,
    };
  },
});
