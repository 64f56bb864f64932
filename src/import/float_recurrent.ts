import { bytesOf, elementCount, type Graph, type Operator, type Tensor, typedArray } from '../graph/graph.ts';
import { inputOf, type Node, nodeOf, outputOf, unsupported } from '../operators/operator.ts';
import { invalid, requireCounts, requireRank, requireShape, requireType } from '../operators/requirements.ts';
import type { SvdfOptions } from '../operators/svdf.ts';
import {
  type LstmOptions,
  lstmInputs,
  lstmPosition,
  refuseLstmParts,
  tanhActivation,
} from '../operators/unidirectional_sequence_lstm.ts';

/**
 * Layers with state in float32, UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF, as operators that compute and quantize like all
 * others: their state is read, every step is operators of its own, and what it has become is assigned.
 */
export function expandFloatRecurrent(graph: Graph): Graph {
  const recurrent = new Set(['UNIDIRECTIONAL_SEQUENCE_LSTM', 'SVDF']);
  const isExpanded = ({ kind, inputs }: Operator): boolean =>
    recurrent.has(kind) && graph.tensors[inputs[0] ?? -1]?.type === 'float32';
  if (!graph.operators.some(isExpanded)) return graph;
  const builder = new Builder(graph);
  for (const operator of graph.operators) {
    if (!isExpanded(operator)) builder.operators.push(operator);
    else if (operator.kind === 'SVDF') expandSvdf(builder, nodeOf(graph, operator) as Node<SvdfOptions>);
    else expandLstm(builder, nodeOf(graph, operator) as Node<LstmOptions>);
  }
  return {
    ...graph,
    tensors: builder.tensors,
    operators: builder.operators.map((operator, index) => ({ ...operator, index })),
  };
}

const mostTensors = 20_000;
/** As for the recurrent layers of other formats. */
const mostSteps = 256;

class Builder {
  readonly tensors: Tensor[];
  readonly operators: Omit<Operator, 'index'>[] = [];

  constructor(graph: Graph) {
    this.tensors = [...graph.tensors];
  }

  add(node: Node, tensor: Pick<Tensor, 'name' | 'shape' | 'type' | 'data'>): number {
    if (this.tensors.length >= mostTensors)
      throw unsupported(node, 'its sequences are too long', null, 'Export the model for shorter sequences.');
    return this.tensors.push({ ...tensor, index: this.tensors.length, quantization: null }) - 1;
  }

  floats(node: Node, name: string, shape: readonly number[], values: Float32Array): number {
    return this.add(node, { name, shape, type: 'float32', data: bytesOf(values) });
  }

  integers(node: Node, name: string, values: readonly number[]): number {
    const data = bytesOf(Int32Array.from(values));
    return this.add(node, { name, shape: [values.length], type: 'int32', data });
  }

  emit(
    node: Node,
    kind: string,
    inputs: readonly number[],
    options: unknown,
    name: string,
    shape: readonly number[],
  ): number {
    const output = this.add(node, { name, shape, type: 'float32', data: null });
    this.operators.push({ kind, inputs, outputs: [output], options });
    return output;
  }

  slice(node: Node, x: number, begin: readonly number[], shape: readonly number[], name: string): number {
    const inputs = [
      x,
      this.integers(node, `${name}/begin`, begin),
      this.integers(node, `${name}/size`, shape),
    ];
    return this.emit(node, 'SLICE', inputs, null, name, shape);
  }

  reshape(node: Node, x: number, shape: readonly number[], name: string): number {
    return this.emit(node, 'RESHAPE', [x], null, name, shape);
  }

  read(node: Node, state: number, shape: readonly number[], name: string): number {
    return this.emit(node, 'READ_VARIABLE', [state], null, name, shape);
  }

  assign(state: number, value: number): void {
    this.operators.push({ kind: 'ASSIGN_VARIABLE', inputs: [state, value], outputs: [], options: null });
  }
}

const noActivation = { activation: 'none' } as const;
const dense = { activation: 'none', weightsFormat: 0 } as const;

function floatsOf(node: Node, position: number, shape: readonly number[]): Float32Array {
  const tensor = inputOf(node, position);
  requireType(node, tensor, ['float32']);
  requireShape(node, tensor, shape);
  if (tensor.data === null)
    throw unsupported(
      node,
      'the weights are not constant',
      tensor,
      'Freeze the weights before converting the model.',
    );
  return typedArray('float32', tensor.data) as Float32Array;
}

/** A state tensor of so many elements; returns its index. */
function stateAt(node: Node, position: number, elements: number): number {
  const state = inputOf(node, position);
  requireType(node, state, ['float32']);
  if (state.initialState === undefined || elementCount(state.shape) !== elements)
    throw invalid(node, `input ${position} is no variable tensor of ${elements} elements`, state);
  return state.index;
}

function joined(...parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

/**
 * Cells are clipped only where that can show: at 10, which Keras' converter writes, tanh is 1 to the last bit, and a clip
 * would spread the steps of an int8 cell over all of −10 to 10.
 */
const harmlessClip = 10;

function expandLstm(builder: Builder, node: Node<LstmOptions>): void {
  requireCounts(node, [lstmInputs, lstmInputs], 1);
  refuseLstmParts(node);
  const { activation, cellClip, timeMajor } = node.options;
  if (activation !== tanhActivation)
    throw unsupported(node, 'the activation of the cell gate is not tanh', null, 'Use an LSTM with tanh.');
  if (cellClip > 0 && cellClip < harmlessClip)
    throw unsupported(
      node,
      `cells that are clipped at ${cellClip} are not supported in float32`,
      null,
      'Train without clipping.',
    );
  const input = inputOf(node, lstmPosition.input);
  requireRank(node, input, 3);
  const [first = 1, second = 1, inputs = 1] = input.shape;
  const [batches, steps] = timeMajor ? [second, first] : [first, second];
  const [units = 1] = inputOf(node, lstmPosition.recurrentWeights[0]).shape;
  if (steps > mostSteps)
    throw unsupported(
      node,
      `a sequence of ${steps} steps is longer than the ${mostSteps} that are supported`,
      input,
      'Export the model for a shorter sequence.',
    );
  const output = outputOf(node);
  requireType(node, output, ['float32']);
  requireShape(node, output, [first, second, units]);
  // Input, output, forget, cell: those with the same function side by side.
  const gates = [0, 3, 1, 2];
  const matrix = (positions: readonly number[], columns: number): Float32Array =>
    joined(...gates.map((gate) => floatsOf(node, positions[gate] as number, [units, columns])));
  const prefix = output.name;
  const rows = 4 * units;
  const weights = builder.floats(
    node,
    `${prefix}/weights`,
    [rows, inputs],
    matrix(lstmPosition.inputWeights, inputs),
  );
  const recurrent = builder.floats(
    node,
    `${prefix}/recurrent`,
    [rows, units],
    matrix(lstmPosition.recurrentWeights, units),
  );
  const bias = builder.floats(
    node,
    `${prefix}/bias`,
    [rows],
    joined(...gates.map((gate) => floatsOf(node, lstmPosition.bias[gate] as number, [units]))),
  );
  const hiddenState = stateAt(node, lstmPosition.hiddenState, batches * units);
  const cellState = stateAt(node, lstmPosition.cellState, batches * units);
  const state = [batches, units];
  const projected = builder.emit(
    node,
    'FULLY_CONNECTED',
    [input.index, weights, bias],
    dense,
    `${prefix}/input`,
    [first, second, rows],
  );
  let hidden = builder.read(node, hiddenState, state, `${prefix}/hidden`);
  let cell = builder.read(node, cellState, state, `${prefix}/cell`);
  const all: number[] = [];
  for (let step = 0; step < steps; step++) {
    const at = `${prefix}/step_${step}`;
    const emit = (
      kind: string,
      read: readonly number[],
      options: unknown,
      name: string,
      shape = state,
    ): number => builder.emit(node, kind, read, options, `${at}/${name}`, shape);
    const gate = (x: number, from: number, to: number, name: string): number =>
      builder.slice(node, x, [0, from * units], [batches, (to - from) * units], `${at}/${name}`);
    const piece = builder.slice(
      node,
      projected,
      timeMajor ? [step, 0, 0] : [0, step, 0],
      timeMajor ? [1, batches, rows] : [batches, 1, rows],
      `${at}/piece`,
    );
    const fromInput = builder.reshape(node, piece, [batches, rows], `${at}/input`);
    const fromHidden = emit('FULLY_CONNECTED', [hidden, recurrent, -1], dense, 'recurrent', [batches, rows]);
    const sum = emit('ADD', [fromInput, fromHidden], noActivation, 'sum', [batches, rows]);
    const open = emit('LOGISTIC', [gate(sum, 0, 3, 'sums')], null, 'gates', [batches, 3 * units]);
    const candidate = emit('TANH', [gate(sum, 3, 4, 'candidate_sum')], null, 'candidate');
    const update = emit('MUL', [gate(open, 0, 1, 'input_gate'), candidate], noActivation, 'update');
    const kept = emit('MUL', [gate(open, 2, 3, 'forget_gate'), cell], noActivation, 'kept');
    cell = emit('ADD', [kept, update], noActivation, 'cell');
    const shown = emit('TANH', [cell], null, 'cell_tanh');
    hidden = emit('MUL', [gate(open, 1, 2, 'output_gate'), shown], noActivation, 'hidden');
    all.push(
      builder.reshape(node, hidden, timeMajor ? [1, batches, units] : [batches, 1, units], `${at}/output`),
    );
  }
  builder.assign(hiddenState, hidden);
  builder.assign(cellState, cell);
  builder.operators.push({
    kind: 'CONCATENATION',
    inputs: all,
    outputs: [output.index],
    options: { axis: timeMajor ? 0 : 1, ...noActivation },
  });
}

const svdfState = 4;

function expandSvdf(builder: Builder, node: Node<SvdfOptions>): void {
  requireCounts(node, [5, 5], 1);
  const [input, feature, time, output] = [
    inputOf(node, 0),
    inputOf(node, 1),
    inputOf(node, 2),
    outputOf(node),
  ];
  for (const tensor of [input, feature, time]) requireRank(node, tensor, 2);
  const [batches = 1, inputs = 1] = input.shape;
  const [filters = 1, memory = 1] = time.shape;
  const { rank, activation } = node.options;
  if (rank < 1 || filters % rank !== 0)
    throw invalid(node, `${filters} filters do not divide into outputs of rank ${rank}`, feature);
  const units = filters / rank;
  requireType(node, output, ['float32']);
  requireShape(node, output, [batches, units]);
  floatsOf(node, 1, [filters, inputs]);
  floatsOf(node, 2, [filters, memory]);
  const state = stateAt(node, svdfState, batches * filters * memory);
  const prefix = output.name;
  const emit = (
    kind: string,
    read: readonly number[],
    options: unknown,
    name: string,
    shape: readonly number[],
  ): number => builder.emit(node, kind, read, options, `${prefix}/${name}`, shape);
  const product = emit('FULLY_CONNECTED', [input.index, feature.index, -1], dense, 'product', [
    batches,
    filters,
  ]);
  const newest = builder.reshape(node, product, [batches, filters, 1], `${prefix}/newest`);
  const rows = [batches, filters, memory];
  let all = newest;
  if (memory > 1) {
    const before = builder.read(node, state, rows, `${prefix}/before`);
    const kept = builder.slice(node, before, [0, 0, 1], [batches, filters, memory - 1], `${prefix}/kept`);
    all = emit('CONCATENATION', [kept, newest], { axis: 2, ...noActivation }, 'memory', rows);
  }
  builder.assign(state, all);
  const weighted = emit('MUL', [all, time.index], noActivation, 'weighted', rows);
  const axes = builder.integers(node, `${prefix}/axes`, [2]);
  const byFilter = emit('SUM', [weighted, axes], { keepDimensions: false }, 'by_filter', [batches, filters]);
  const grouped = builder.reshape(node, byFilter, [batches, units, rank], `${prefix}/grouped`);
  const sum =
    rank === 1 ? null : emit('SUM', [grouped, axes], { keepDimensions: false }, 'sum', [batches, units]);
  const result = sum ?? builder.reshape(node, byFilter, [batches, units], `${prefix}/sum`);
  const bias =
    node.inputs[3] == null
      ? builder.floats(node, `${prefix}/bias`, [units], new Float32Array(units))
      : inputOf(node, 3).index;
  requireShape(node, builder.tensors[bias] as Tensor, [units]);
  builder.operators.push({
    kind: 'ADD',
    inputs: [result, bias],
    outputs: [output.index],
    options: { activation },
  });
}
