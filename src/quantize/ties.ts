import { type Graph, type Operator, type Quantization, tensorAt } from '../graph/graph.ts';
import type { IntegerType } from './encoding.ts';

/**
 * Which tensors must share scale and zero point: operators that move or compare integers as they are (TFLite int8 and 16x8
 * quantization specifications), and the outputs whose quantization the specification fixes.
 */

/** Positions of the inputs that share their quantization with all outputs; `all` for every input. */
const tiedInputs: Readonly<Record<string, readonly number[] | 'all'>> = {
  RESHAPE: [0],
  SQUEEZE: [0],
  EXPAND_DIMS: [0],
  TRANSPOSE: [0],
  SLICE: [0],
  STRIDED_SLICE: [0],
  GATHER: [0],
  GATHER_ND: [0],
  SPLIT: [1],
  SPLIT_V: [0],
  REVERSE_V2: [0],
  SELECT: [1, 2],
  SELECT_V2: [1, 2],
  BROADCAST_TO: [0],
  TILE: [0],
  UNPACK: [0],
  PAD: [0],
  PADV2: [0, 2],
  MIRROR_PAD: [0],
  SPACE_TO_DEPTH: [0],
  DEPTH_TO_SPACE: [0],
  SPACE_TO_BATCH_ND: [0],
  BATCH_TO_SPACE_ND: [0],
  RESIZE_BILINEAR: [0],
  RESIZE_NEAREST_NEIGHBOR: [0],
  MAX_POOL_2D: [0],
  AVERAGE_POOL_2D: [0],
  REDUCE_MAX: [0],
  REDUCE_MIN: [0],
  MAXIMUM: 'all',
  MINIMUM: 'all',
  CONCATENATION: 'all',
  PACK: 'all',
  RELU6: [0],
  QUANTIZE: [0],
  READ_VARIABLE: [0],
  ASSIGN_VARIABLE: 'all',
  DEQUANTIZE: [0],
};

const fixedInt8: Readonly<Record<string, Quantization>> = {
  SOFTMAX: { scales: [1 / 256], zeroPoints: [-128], axis: 0 },
  LOGISTIC: { scales: [1 / 256], zeroPoints: [-128], axis: 0 },
  TANH: { scales: [1 / 128], zeroPoints: [0], axis: 0 },
  L2_NORMALIZATION: { scales: [1 / 128], zeroPoints: [0], axis: 0 },
  LOG_SOFTMAX: { scales: [1 / 16], zeroPoints: [127], axis: 0 },
};

const unit: Quantization = { scales: [1 / 32768], zeroPoints: [0], axis: 0 };
const fixedOutputs: Readonly<Record<IntegerType, Readonly<Record<string, Quantization>>>> = {
  int8: fixedInt8,
  int16: { SOFTMAX: unit, LOGISTIC: unit, TANH: unit },
};

export function fixedQuantization(kind: string, type: IntegerType): Quantization | null {
  return Object.hasOwn(fixedOutputs[type], kind) ? (fixedOutputs[type][kind] ?? null) : null;
}

/** Inputs (tensor indices) that share the quantization of the operator's outputs. */
export function tiedInputsOf({ kind, inputs }: Operator): readonly number[] {
  const positions = Object.hasOwn(tiedInputs, kind) ? (tiedInputs[kind] ?? []) : [];
  const tied = positions === 'all' ? inputs : positions.map((position) => inputs[position] ?? -1);
  return tied.filter((index) => index >= 0);
}

/** Constants that are the weights of several layers: they are rounded alike for all of them. */
export function sharedWeightsOf(graph: Graph): ReadonlySet<number> {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { kind, inputs } of graph.operators) {
    const weights = inputs[1] ?? -1;
    if (kind !== 'FULLY_CONNECTED' || weights < 0 || tensorAt(graph, weights).data === null) continue;
    if (seen.has(weights)) shared.add(weights);
    seen.add(weights);
  }
  return shared;
}

/** Tensors that share one quantization. */
export interface Group {
  /** Tensor indices: computed tensors and constants. */
  readonly members: readonly number[];
  /** Those of them that bring values in: graph inputs, and outputs of operators that are not tied to their inputs. */
  readonly sources: readonly number[];
  /** The operators that write the sources; null for a graph input. */
  readonly writers: readonly (Operator | null)[];
}

/** The groups of all float32 tensors that are computed, by tensor index. */
export function groupsOf(graph: Graph): ReadonlyMap<number, Group> {
  const parents = new Map<number, number>();
  const rootOf = (index: number): number => {
    let root = index;
    while (true) {
      const parent = parents.get(root) ?? root;
      if (parent === root) return root;
      root = parent;
    }
  };
  for (const operator of graph.operators) {
    const [first, ...others] = [...tiedInputsOf(operator), ...operator.outputs];
    // Only operators that tie anything join their outputs.
    if (first === undefined || tiedInputsOf(operator).length === 0) continue;
    for (const other of others) parents.set(rootOf(other), rootOf(first));
  }
  // The steps of a recurrent layer read one tensor of weights: with one scale for all, its integers and biases are the same.
  const firstWith = new Map<number, Operator>();
  const shared = sharedWeightsOf(graph);
  for (const operator of graph.operators) {
    const [input = -1, weights = -1] = operator.inputs;
    if (operator.kind !== 'FULLY_CONNECTED' || !shared.has(weights)) continue;
    const first = firstWith.get(weights);
    if (first === undefined) firstWith.set(weights, operator);
    else {
      parents.set(rootOf(input), rootOf(first.inputs[0] ?? -1));
      parents.set(rootOf(operator.outputs[0] ?? -1), rootOf(first.outputs[0] ?? -1));
    }
  }
  // So do the sums of gates, whose functions then have one table for all steps.
  const products = new Set([...firstWith.values()].map(({ outputs }) => rootOf(outputs[0] ?? -1)));
  const sums = new Map<number, number>();
  for (const { kind, inputs, outputs } of graph.operators) {
    const product = inputs.map(rootOf).find((root) => products.has(root));
    const [output] = outputs;
    if (kind !== 'ADD' || product === undefined || output === undefined) continue;
    const first = sums.get(product);
    if (first === undefined) sums.set(product, output);
    else parents.set(rootOf(output), rootOf(first));
  }
  const writers = new Map(
    graph.operators.flatMap((operator) => operator.outputs.map((index) => [index, operator] as const)),
  );
  const members = new Map<number, number[]>();
  const touched = new Set([
    ...graph.inputs,
    ...graph.operators.flatMap((operator) => [...operator.outputs, ...tiedInputsOf(operator)]),
  ]);
  for (const index of touched) {
    if (tensorAt(graph, index).type !== 'float32') continue;
    const root = rootOf(index);
    members.set(root, [...(members.get(root) ?? []), index]);
  }
  const groups = new Map<number, Group>();
  for (const indices of members.values()) {
    const sources = indices.filter((index) => {
      const writer = writers.get(index);
      if (writer === undefined) return true;
      return tiedInputsOf(writer).length === 0;
    });
    const group = { members: indices, sources, writers: sources.map((index) => writers.get(index) ?? null) };
    for (const index of indices) groups.set(index, group);
  }
  return groups;
}
