import {
  bytesPerElement,
  type ElementType,
  elementCount,
  type TypedArray,
  typedArray,
} from '../graph/graph.ts';
import { clamp, int32Max, int32Min } from './fixed_point.ts';
import { range } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type KernelCall, type Lowering, type Node, outputOf } from './operator.ts';
import { requireCounts, requireSameElements, requireType } from './requirements.ts';

const castable: readonly ElementType[] = ['int8', 'uint8', 'int16', 'int32', 'float32', 'bool'];

/**
 * A number of one type as one of another, scales aside. What has a fraction loses it; what does not fit int32 becomes its end,
 * no number becomes 0, as Arm converts; of what fits, a narrower type keeps the low bits. All but zero is true.
 */
function castTo(type: ElementType): (value: number) => number {
  if (type === 'float32') return (value) => value;
  if (type === 'bool') return (value) => Number(value !== 0);
  // The narrower arrays keep the low bits of what they are given.
  return (value) => (Number.isNaN(value) ? 0 : clamp(Math.trunc(value), int32Min, int32Max));
}

export const cast = defineOperator<null>({
  kind: 'CAST',
  code: 53,
  supports: 'int8, uint8, int16, int32, float32 and bool to each other',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [1, 1], 1);
    for (const tensor of [inputOf(node, 0), outputOf(node)]) requireType(node, tensor, castable);
    requireSameElements(node, inputOf(node, 0), outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const { type, shape } = outputOf(node);
    const convert = castTo(type);
    const result = typedArray(type, new Uint8Array(elementCount(shape) * bytesPerElement[type]));
    for (const [at, value] of (inputs[0] as Int8Array | Float32Array).entries()) result[at] = convert(value);
    return [result];
  },

  lower: (node): Lowering => lowerCast(node),
});

function lowerCast(node: Node): Lowering {
  const [from, to] = [inputOf(node, 0).type, outputOf(node).type];
  const count = elementCount(outputOf(node).shape);
  if (from === to) return lowerMove(node, { input: 0, output: 0, map: Int32Array.from(range(count)) });
  const call: Pick<KernelCall, 'arguments' | 'constants' | 'scratchBytes' | 'inPlace' | 'macs'> = {
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    scratchBytes: 0,
    inPlace: bytesPerElement[from] === bytesPerElement[to] ? [0] : [],
    macs: 0,
  };
  const input = { input_bytes: bytesPerElement[from], input_unsigned: isUnsigned(from) };
  const output = { output_bytes: bytesPerElement[to], output_truth: to === 'bool' ? 1 : 0 };
  if (to === 'float32')
    return {
      ...call,
      kernel: 'cast_to_float32',
      parametersType: 'cast_to_float32_parameters',
      parameters: { count, ...input },
    };
  if (from === 'float32')
    return {
      ...call,
      kernel: 'cast_from_float32',
      parametersType: 'cast_from_float32_parameters',
      parameters: { count, ...output },
    };
  return {
    ...call,
    kernel: 'cast',
    parametersType: 'cast_parameters',
    parameters: { count, ...input, ...output },
  };
}

function isUnsigned(type: ElementType): number {
  return type === 'uint8' || type === 'bool' ? 1 : 0;
}
