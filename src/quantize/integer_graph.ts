import { DeployError } from '../errors.ts';
import {
  type Graph,
  type Operator,
  type Quantization,
  type Tensor,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { int16Kinds } from '../operators/int16x8/index.ts';
import { nodeOf } from '../operators/operator.ts';
import { asymmetric, type IntegerType, symmetric, toIntegerBytes } from './encoding.ts';
import type { Range } from './histogram.ts';
import { integerWeights, type WeightChoices } from './integer_weights.ts';
import { fixedQuantization, type Group, groupsOf, sharedWeightsOf, tiedInputsOf } from './ties.ts';
import { weightedOf } from './weighted.ts';

/** What the user's code gives and gets: integers as the network computes, or what is converted at the edges. */
export type EdgeType = 'as-computed' | IntegerType | 'float32';

export interface IntegerChoices extends Omit<WeightChoices, 'shared'> {
  /** What the values of each source (see Group) span, by tensor index. */
  readonly ranges: ReadonlyMap<number, Range>;
  readonly edges: EdgeType;
  /** Activations in int16; absent: none. */
  readonly wide?: WideChoices;
}

export interface WideChoices {
  /** Tensor indices, at least one of each group that is int16. */
  readonly tensors: ReadonlySet<number>;
  /** As `ranges`, of sixteen bits. */
  readonly ranges: ReadonlyMap<number, Range>;
}

/** How one group is written in each type; the graph holds one of them, the other is for operators that need it. */
interface Formats {
  readonly type: IntegerType;
  readonly int8: Quantization;
  /** Where the group is int8: its steps in sixteen bits, so that nothing is lost on the way. */
  readonly int16: Quantization;
}

/**
 * The integer graph of a float graph, after the TFLite quantization specifications: symmetric int8 weights, biases of input ×
 * weight scale, activations asymmetric int8 or, where `wide` says so, symmetric int16. An operator that reads or writes int16
 * computes in int16 where it can, with QUANTIZE at its int8 inputs and outputs. Computed tensors keep their indices; constants
 * are written anew for each operator that reads them.
 */
export function integerGraph(graph: Graph, choices: IntegerChoices): Graph {
  const groups = groupsOf(graph);
  const weightChoices = { ...choices, shared: sharedWeightsOf(graph) };
  const tensors: Tensor[] = graph.tensors.map((tensor) => unused(tensor));
  const append = (tensor: Omit<Tensor, 'index'>): number =>
    tensors.push({ ...tensor, index: tensors.length }) - 1;
  const formats = new Map<Group, Formats>();
  for (const group of new Set(groups.values())) formats.set(group, formatsOf(group, choices));
  const formatsAt = (index: number): Formats => {
    const group = groups.get(index);
    return (group === undefined ? undefined : formats.get(group)) ?? noFormats;
  };
  const write = (index: number, type: IntegerType): void => {
    const tensor = tensorAt(graph, index);
    const quantization = formatsAt(index)[type];
    tensors[index] = { ...withState(tensor, type, quantization), type, quantization, data: null };
  };
  // Operators that can only compute in int8 write int8 all the same; state stays int8.
  for (const index of groups.keys()) {
    const isState = tensorAt(graph, index).initialState !== undefined;
    write(index, isState ? 'int8' : formatsAt(index).type);
  }
  // Computed integers (shapes, indices) and constants that are none of ours stay.
  for (const tensor of graph.tensors) if (tensor.type !== 'float32') tensors[tensor.index] = tensor;

  const operators: Omit<Operator, 'index'>[] = [];
  /** Other types of a tensor that some operator needed, by `index type`. */
  const versions = new Map<string, number>();
  const as = (index: number, type: IntegerType): number => {
    if (tensorAt({ ...graph, tensors }, index).type === type) return index;
    const known = versions.get(`${index} ${type}`);
    if (known !== undefined) return known;
    const from = tensors[index] as Tensor;
    const made = append({
      ...from,
      name: `${from.name}_${type}`,
      type,
      quantization: formatsAt(index)[type],
    });
    versions.set(`${index} ${type}`, made);
    operators.push(quantizeOperator(index, made));
    return made;
  };
  const emit = (operator: Operator, type: IntegerType): void => {
    const inputs = [...operator.inputs];
    const tied = tiedInputsOf(operator);
    const weighted = weightedOf(operator.kind);
    if (weighted !== null) {
      const [scale = 1] = formatsAt(operator.inputs[weighted.input] ?? -1)[type].scales;
      const made = integerWeights(graph, operator, weighted, { type, scale }, weightChoices);
      if (made !== null) {
        inputs[weighted.weights] = append(made.weights);
        while (inputs.length < weighted.bias) inputs.push(-1);
        inputs[weighted.bias] = append(made.bias);
      }
    }
    for (const [position, index] of operator.inputs.entries()) {
      if (index < 0 || inputs[position] !== index) continue;
      const tensor = tensorAt(graph, index);
      if (tensor.type !== 'float32') continue;
      if (tensor.data === null) {
        inputs[position] = as(index, type);
        continue;
      }
      const values = typedArray(tensor.type, tensor.data) as Float32Array;
      const constant = operator.kind === 'PRELU' && position === 1 ? 'int8' : type;
      const encode = constant === 'int8' ? asymmetric : symmetric;
      const quantization = tied.includes(index) ? formatsAt(index)[constant] : encode(spanOf(values));
      const data = toIntegerBytes(values, constant, quantization);
      inputs[position] = append({ ...tensor, type: constant, quantization, data });
    }
    const fixed = fixedQuantization(operator.kind, type);
    const after: Omit<Operator, 'index'>[] = [];
    const outputs = operator.outputs.map((index) => {
      if (!groups.has(index)) return index;
      const stored = formatsAt(index).type === type ? type : 'int8';
      write(index, stored);
      const must = fixed ?? formatsAt(index)[type];
      if (stored === type && same(must, formatsAt(index)[type])) return index;
      // What the operator must write is not what its readers share with others.
      const name = `${tensorAt(graph, index).name}_as_computed`;
      const written = append({ ...(tensors[index] as Tensor), name, type, quantization: must });
      after.push(quantizeOperator(written, index));
      return written;
    });
    const made = { ...operator, inputs, outputs };
    // What an int16 kernel does not take is for its int8 form.
    if (type === 'int16') operatorOf(made.kind).check(nodeOf({ ...graph, tensors }, made));
    operators.push(made, ...after);
  };
  for (const operator of graph.operators) {
    const touched = [...operator.inputs, ...operator.outputs].filter((index) => groups.has(index));
    const isWide = touched.some((index) => formatsAt(index).type === 'int16');
    if (!isWide || !int16Kinds.has(operator.kind)) {
      emit(operator, 'int8');
      continue;
    }
    const before = { tensors: tensors.length, operators: operators.length, versions: [...versions] };
    try {
      emit(operator, 'int16');
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
      tensors.length = before.tensors;
      operators.length = before.operators;
      versions.clear();
      for (const [key, index] of before.versions) versions.set(key, index);
      emit(operator, 'int8');
    }
  }
  const edge = (index: number): number => {
    const { type } = tensors[index] as Tensor;
    const { edges } = choices;
    if (!groups.has(index) || edges === 'as-computed' || edges === type) return index;
    const quantization = edges === 'float32' ? null : formatsAt(index)[edges];
    return append({ ...tensorAt(graph, index), type: edges, quantization, data: null });
  };
  const graphInputs = graph.inputs.map(edge);
  const graphOutputs = graph.outputs.map(edge);
  const convert = (kind: string, from: number, to: number): Omit<Operator, 'index'>[] =>
    from === to ? [] : [{ ...quantizeOperator(from, to), kind }];
  const toUser = choices.edges === 'float32' ? 'DEQUANTIZE' : 'QUANTIZE';
  const all = [
    ...graph.inputs.flatMap((index, at) => convert('QUANTIZE', graphInputs[at] ?? index, index)),
    ...operators,
    ...graph.outputs.flatMap((index, at) => convert(toUser, index, graphOutputs[at] ?? index)),
  ];
  return {
    ...graph,
    tensors,
    operators: all.map((operator, index) => ({ ...operator, index })),
    inputs: graphInputs,
    outputs: graphOutputs,
  };
}

const noFormats: Formats = {
  type: 'int8',
  int8: { scales: [1], zeroPoints: [0], axis: 0 },
  int16: { scales: [1], zeroPoints: [0], axis: 0 },
};

function quantizeOperator(from: number, to: number): Omit<Operator, 'index'> {
  return { kind: 'QUANTIZE', inputs: [from], outputs: [to], options: null };
}

/** A tensor that keeps its value between inferences starts from the integers of its first numbers. */
function withState(tensor: Tensor, type: IntegerType, quantization: Quantization): Tensor {
  if (tensor.initialState === undefined) return tensor;
  const values = typedArray('float32', tensor.initialState) as Float32Array;
  return { ...tensor, initialState: toIntegerBytes(values, type, quantization) };
}

/** A float constant that has been written anew: kept as a scalar so that indices stay. */
function unused({ index, name }: Tensor): Tensor {
  return { index, name, type: 'int8', shape: [], quantization: null, data: null };
}

function same(a: Quantization, b: Quantization): boolean {
  return a.scales[0] === b.scales[0] && a.zeroPoints[0] === b.zeroPoints[0];
}

function formatsOf(group: Group, { ranges, wide }: Pick<IntegerChoices, 'ranges' | 'wide'>): Formats {
  const int8 = fixedOf(group, 'int8') ?? asymmetric(spanOfAll(group, ranges));
  if (wide !== undefined && group.members.some((index) => wide.tensors.has(index)))
    return {
      type: 'int16',
      int8,
      int16: fixedOf(group, 'int16') ?? symmetric(spanOfAll(group, wide.ranges)),
    };
  return { type: 'int8', int8, int16: { ...int8, zeroPoints: [0] } };
}

/** The quantization of operators whose output is fixed, where they alone write the group. */
function fixedOf({ writers }: Group, type: IntegerType): Quantization | null {
  const fixed = writers.map((writer) => (writer === null ? null : fixedQuantization(writer.kind, type)));
  const [first = null] = fixed;
  if (first === null || !fixed.every((each) => each !== null && same(each, first))) return null;
  return first;
}

function spanOfAll({ sources }: Group, ranges: ReadonlyMap<number, Range>): Range {
  const spans = sources.map((index) => ranges.get(index) ?? { low: 0, high: 0 });
  return {
    low: Math.min(0, ...spans.map(({ low }) => low)),
    high: Math.max(0, ...spans.map(({ high }) => high)),
  };
}

function spanOf(values: Float32Array): Range {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
