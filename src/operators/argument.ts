import { elementCount } from '../graph/graph.ts';
import { inputOf, type KernelCall, type Node, outputOf } from './operator.ts';
import {
  constantIntegers,
  invalid,
  requireCounts,
  requireInt8,
  requireRank,
  requireSameElements,
  requireType,
  resolveAxis,
} from './requirements.ts';

/** What ARG_MAX and ARG_MIN share: the input as [outer, extent, inner], searched along extent. */
export interface ArgumentAxis {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
}

export function argumentAxis(node: Node): ArgumentAxis {
  const { shape } = inputOf(node, 0);
  const [axis] = constantIntegers(node, 1);
  if (axis === undefined) throw invalid(node, 'the axis is empty', inputOf(node, 1));
  const position = resolveAxis(node, axis, shape.length);
  return {
    outer: elementCount(shape.slice(0, position)),
    extent: shape[position] as number,
    inner: elementCount(shape.slice(position + 1)),
  };
}

export function checkArgument(node: Node): void {
  requireCounts(node, [2, 2], 1);
  const input = inputOf(node, 0);
  const output = outputOf(node);
  requireInt8(node, input);
  requireRank(node, input, 1, 8);
  requireType(node, output, ['int32']);
  const { outer, inner } = argumentAxis(node);
  requireSameElements(node, { ...input, shape: [outer, inner] }, output);
}

export function lowerArgument(node: Node, kernel: 'arg_max' | 'arg_min'): KernelCall {
  const { outer, extent, inner } = argumentAxis(node);
  return {
    kernel,
    parametersType: 'argument_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: { outer, count: extent, inner },
    scratchBytes: 0,
    inPlace: [],
    macs: 0,
  };
}
