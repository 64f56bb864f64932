import { elementCount, type Tensor } from '../graph/graph.ts';
import { stridedIndices, stridesOf } from './broadcast.ts';
import {
  inputOf,
  type KernelCall,
  type Node,
  type OptionsReader,
  outputOf,
  unsupported,
} from './operator.ts';
import {
  constantIntegers,
  invalid,
  requireCounts,
  requireInt8,
  resolveAxes,
  sameShape,
} from './requirements.ts';

/** What MEAN, SUM, REDUCE_MAX and REDUCE_MIN share. */

export interface ReduceOptions {
  readonly keepDimensions: boolean;
}

export function readReduceOptions(options: OptionsReader): ReduceOptions {
  return { keepDimensions: options.bool(0) };
}

export interface ReduceGeometry {
  /** The reduced dimensions, ascending. */
  readonly axes: readonly number[];
  /** Input elements that make one output element. */
  readonly count: number;
}

export function reduceGeometry(node: Node): ReduceGeometry {
  const { shape } = inputOf(node, 0);
  const axes = resolveAxes(node, constantIntegers(node, 1), shape.length);
  return { axes, count: axes.reduce((product, axis) => product * (shape[axis] as number), 1) };
}

export function checkReduce(node: Node<ReduceOptions>): void {
  checkReduceOf(node, requireInt8);
}

/** `requireElements`: what each tensor must be. */
export function checkReduceOf(
  node: Node<ReduceOptions>,
  requireElements: (node: Node, tensor: Tensor) => void,
): void {
  requireCounts(node, [2, 2], 1);
  const input = inputOf(node, 0);
  const output = outputOf(node);
  requireElements(node, input);
  requireElements(node, output);
  const { axes } = reduceGeometry(node);
  const kept = input.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
  const dropped = input.shape.filter((_, axis) => !axes.includes(axis));
  if (!sameShape(output.shape, node.options.keepDimensions ? kept : dropped))
    throw invalid(node, `the shape [${output.shape.join(', ')}] is not the input's without the axes`, output);
}

/** For each input element, in order, the index of the output element that it belongs to. */
export function reducedIndices(node: Node): Int32Array {
  const { shape } = inputOf(node, 0);
  const { axes } = reduceGeometry(node);
  const keptStrides = stridesOf(shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension)));
  const strides = shape.map((_, axis) => (axes.includes(axis) ? 0 : (keptStrides[axis] as number)));
  return stridedIndices(shape, strides, 0);
}

/** Σ of the input's integers for each output element. */
export function reducedSums(node: Node, values: Int8Array | Int16Array): Int32Array {
  const sums = new Int32Array(elementCount(outputOf(node).shape));
  const indices = reducedIndices(node);
  for (let at = 0; at < values.length; at++) {
    const to = indices[at] as number;
    sums[to] = (sums[to] as number) + (values[at] as number);
  }
  return sums;
}

/** The kernel call of a reduction over neighbouring dimensions: input [outer, count, inner] to output [outer, inner]. */
export function lowerReduction(
  node: Node,
  kernel: string,
  parameters: Readonly<Record<string, number>>,
): KernelCall {
  const { shape } = inputOf(node, 0);
  const { axes, count } = reduceGeometry(node);
  const wide = axes.filter((axis) => (shape[axis] as number) > 1);
  const first = wide[0] ?? 0;
  const last = wide.at(-1) ?? -1;
  const inside = shape.slice(first, last + 1);
  if (elementCount(inside) !== count)
    throw unsupported(
      node,
      `reducing the separate dimensions ${wide.join(', ')} has no kernel (neighbouring dimensions have)`,
      inputOf(node, 1),
      'Reduce one dimension after the other.',
    );
  return {
    kernel,
    parametersType: 'reduction_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      outer: elementCount(shape.slice(0, first)),
      count,
      inner: elementCount(shape.slice(last + 1)),
      ...parameters,
    },
    scratchBytes: 0,
    inPlace: [],
    macs: 0,
  };
}

/** The extreme of the input's integers for each output element, starting from `initial`. */
export function reducedExtremes(
  node: Node,
  values: Int8Array,
  initial: number,
  better: (a: number, b: number) => number,
): Int8Array {
  const result = new Int8Array(elementCount(outputOf(node).shape)).fill(initial);
  const indices = reducedIndices(node);
  for (let at = 0; at < values.length; at++) {
    const to = indices[at] as number;
    result[to] = better(result[to] as number, values[at] as number);
  }
  return result;
}
