import type { ElementType, TypedArray } from '../graph/graph.ts';
import { bytesPerElement, elementCount, typedArray } from '../graph/graph.ts';
import {
  clamp,
  type FixedPointMultiplier,
  int32Max,
  int32Min,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundAwayFromZero,
} from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import {
  defineOperator,
  inputOf,
  type KernelCall,
  type Node,
  type OperatorDefinition,
  outputOf,
} from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireSameElements, requireType } from './requirements.ts';

/** Integers of another scale, or another type. */
export function requantizeMultiplier(node: Node): FixedPointMultiplier {
  return quantizeMultiplier(scaleOf(node, inputOf(node, 0)) / scaleOf(node, outputOf(node)));
}

/** Lowest and highest integer of the types that are quantized to. */
const limits: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [int32Min, int32Max],
};

function limitsOf(type: ElementType): readonly [number, number] {
  return limits[type] ?? [0, 0];
}

/** What each type may become; TensorFlow Lite Micro's pairs. */
const outputTypes: Readonly<Partial<Record<ElementType, readonly ElementType[]>>> = {
  float32: ['int8', 'int16'],
  int8: ['int8', 'uint8', 'int16', 'int32'],
  uint8: ['int8'],
  int16: ['int8', 'int16', 'int32'],
  int32: ['int8', 'int16'],
};

/**
 * round(real / scale) + zero point in float32, halves away from zero. Beyond int32, where the reference's C
 * is undefined, we saturate; not-a-number gives the zero point (both as Arm's conversion does).
 */
export function quantizeFloat(
  real: number,
  scale: number,
  zeroPoint: number,
  type: ElementType = 'int8',
): number {
  const rounded = roundAwayFromZero(Math.fround(real / scale));
  const [lowest, highest] = limitsOf(type);
  return clamp(
    (Number.isNaN(rounded) ? 0 : clamp(rounded, -(2 ** 30), 2 ** 30)) + zeroPoint,
    lowest,
    highest,
  );
}

export const quantize: OperatorDefinition = defineOperator<null>({
  kind: 'QUANTIZE',
  code: 114,
  supports: 'float32 to int8 or int16, and between int8, int16 and int32, and int8 and uint8',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    const input = inputOf(node, 0);
    const output = outputOf(node);
    requireType(node, input, Object.keys(outputTypes) as ElementType[]);
    requireType(node, output, outputTypes[input.type] ?? []);
    if (input.type !== 'float32') scaleOf(node, input);
    scaleOf(node, output);
    requireSameElements(node, input, output);
  },

  reference(node, inputs): TypedArray[] {
    const input = inputOf(node, 0);
    const output = outputOf(node);
    const zeroPoint = zeroPointOf(node, output);
    const elements = elementCount(output.shape);
    const result = typedArray(output.type, new Uint8Array(elements * bytesPerElement[output.type]));
    if (input.type === 'float32') {
      const scale = scaleOf(node, output);
      const reals = inputs[0] as Float32Array;
      for (const [at, real] of reals.entries())
        result[at] = quantizeFloat(real, scale, zeroPoint, output.type);
      return [result];
    }
    const { multiplier, shift } = requantizeMultiplier(node);
    const inputZeroPoint = zeroPointOf(node, input);
    const [lowest, highest] = limitsOf(output.type);
    for (const [at, value] of (inputs[0] as Int8Array | Int16Array | Int32Array).entries()) {
      const scaled = multiplyByQuantizedMultiplier((value - inputZeroPoint) | 0, multiplier, shift);
      result[at] = clamp((scaled + zeroPoint) | 0, lowest, highest);
    }
    return [result];
  },

  lower(node) {
    const [from, to] = [inputOf(node, 0).type, outputOf(node).type];
    if (from === 'int8' && to === 'int8') return lowerToLookUp(quantize, node);
    if (from === 'float32') return lowerFromFloat(node);
    return isFlip(node) ? lowerFlip(node) : lowerBetweenIntegers(node);
  },
});

function lowerFromFloat(node: Node): KernelCall {
  const output = outputOf(node);
  return {
    kernel: output.type === 'int16' ? 'quantize_int16' : 'quantize',
    parametersType: 'quantize_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
      { is: 'constant', name: 'scale' },
    ],
    constants: [{ name: 'scale', role: 'table', type: 'float32', values: [scaleOf(node, output)] }],
    parameters: { count: elementCount(output.shape), zero_point: zeroPointOf(node, output) },
    scratchBytes: 0,
    inPlace: [],
    macs: 0,
  };
}

/** int8 and uint8 of the same scale, 128 apart: only the top bit differs. */
function isFlip(node: Node): boolean {
  const [input, output] = [inputOf(node, 0), outputOf(node)];
  const bytes = [input, output].every(({ type }) => type === 'int8' || type === 'uint8');
  const apart = Math.abs(zeroPointOf(node, input) - zeroPointOf(node, output));
  return (
    bytes && input.type !== output.type && apart === 128 && scaleOf(node, input) === scaleOf(node, output)
  );
}

function lowerFlip(node: Node): KernelCall {
  return {
    kernel: 'quantize_flipped',
    parametersType: 'quantize_flipped_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: { count: elementCount(outputOf(node).shape) },
    scratchBytes: 0,
    inPlace: [0],
    macs: 0,
  };
}

function lowerBetweenIntegers(node: Node): KernelCall {
  const input = inputOf(node, 0);
  const output = outputOf(node);
  const { multiplier, shift } = requantizeMultiplier(node);
  const [lowest, highest] = limitsOf(output.type);
  return {
    kernel: 'quantize_integers',
    parametersType: 'quantize_integers_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      count: elementCount(output.shape),
      input_bytes: bytesPerElement[input.type],
      output_bytes: bytesPerElement[output.type],
      input_unsigned: input.type === 'uint8' ? 1 : 0,
      offset: -zeroPointOf(node, input),
      multiplier,
      shift: -shift,
      output_zero_point: zeroPointOf(node, output),
      output_min: lowest,
      output_max: highest,
    },
    scratchBytes: 0,
    inPlace: bytesPerElement[input.type] === bytesPerElement[output.type] ? [0] : [],
    macs: 0,
  };
}
