import {
  bytesOf,
  elementCount,
  type Graph,
  type Operator,
  type Tensor,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import type { Activation } from '../operators/activation.ts';

/**
 * What a converter does before it writes a .tflite: batch normalization (MUL and ADD by channel) goes into the weights in
 * front of it, activations into the operator before them, and what nothing reads disappears.
 */
export function tidy(graph: Graph): Graph {
  return renumbered(fuseActivations(foldChannelwise(graph)));
}

/** Position of the weights among the inputs, and which dimension of them counts output channels. */
const weighted: Readonly<Record<string, { readonly weights: number; readonly axis: number }>> = {
  CONV_2D: { weights: 1, axis: 0 },
  DEPTHWISE_CONV_2D: { weights: 1, axis: 3 },
  FULLY_CONNECTED: { weights: 1, axis: 0 },
  TRANSPOSE_CONV: { weights: 1, axis: 0 },
};

const withActivation = new Set([
  ...Object.keys(weighted),
  'ADD',
  'SUB',
  'MUL',
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
]);

interface WithActivation {
  readonly activation?: Activation;
}

function hasActivation(operator: Operator): boolean {
  return ((operator.options as WithActivation | null)?.activation ?? 'none') !== 'none';
}

/** How often each tensor is read; an output of the graph counts. */
function readsOf(graph: Graph): Map<number, number> {
  const reads = new Map<number, number>();
  for (const index of [...graph.operators.flatMap(({ inputs }) => inputs), ...graph.outputs])
    reads.set(index, (reads.get(index) ?? 0) + 1);
  return reads;
}

function foldChannelwise(graph: Graph): Graph {
  const reads = readsOf(graph);
  const tensors = [...graph.tensors];
  const operators: Operator[] = [];
  /** Where among `operators` the writer of a tensor is. */
  const writers = new Map<number, number>();
  const constant = (data: Float32Array, like: Pick<Tensor, 'name' | 'shape'>): number =>
    tensors.push({
      index: tensors.length,
      name: like.name,
      type: 'float32',
      shape: like.shape,
      quantization: null,
      data: bytesOf(data),
    }) - 1;
  for (const operator of graph.operators) {
    const folded = channelwise(graph, operator);
    const at = folded === null ? undefined : writers.get(folded.input);
    const before = at === undefined ? undefined : operators[at];
    const place = before === undefined ? undefined : weighted[before.kind];
    if (
      folded === null ||
      at === undefined ||
      before === undefined ||
      place === undefined ||
      reads.get(folded.input) !== 1 ||
      hasActivation(before)
    ) {
      for (const output of operator.outputs) writers.set(output, operators.length);
      operators.push(operator);
      continue;
    }
    const weights = tensors[before.inputs[place.weights] ?? -1];
    const biasPosition = before.kind === 'TRANSPOSE_CONV' ? 3 : 2;
    const bias = tensors[before.inputs[biasPosition] ?? -1];
    const channels = weights?.shape[place.axis] ?? 0;
    if (weights?.data == null || (folded.values.length !== 1 && folded.values.length !== channels)) {
      for (const output of operator.outputs) writers.set(output, operators.length);
      operators.push(operator);
      continue;
    }
    const by = (channel: number): number => folded.values[folded.values.length === 1 ? 0 : channel] as number;
    const oldBias = bias?.data == null ? new Float32Array(channels) : floatsOf(bias.data);
    const newBias = oldBias.map((value, channel) =>
      folded.is === 'scale' ? value * by(channel) : value + by(channel),
    );
    const inputs = [...before.inputs];
    if (folded.is === 'scale') {
      const inner = elementCount(weights.shape.slice(place.axis + 1));
      const scaled = floatsOf(weights.data).map(
        (value, index) => value * by(Math.floor(index / inner) % channels),
      );
      inputs[place.weights] = constant(scaled, weights);
    }
    if (folded.is === 'shift' || bias?.data != null)
      inputs[biasPosition] = constant(newBias, bias ?? { name: `${weights.name}/bias`, shape: [channels] });
    operators[at] = { ...before, inputs, outputs: operator.outputs };
    for (const output of operator.outputs) writers.set(output, at);
    const [result] = operator.outputs;
    const options = operator.options as WithActivation | null;
    if (options?.activation !== undefined && result !== undefined)
      operators[at] = {
        ...(operators[at] as Operator),
        options: { ...(before.options as object), activation: options.activation },
      };
  }
  return { ...graph, tensors, operators };
}

/** MUL or ADD of a value and one number, or one for each of its last dimension. */
function channelwise(
  graph: Graph,
  { kind, inputs, outputs }: Operator,
): { readonly is: 'scale' | 'shift'; readonly input: number; readonly values: Float32Array } | null {
  if (kind !== 'MUL' && kind !== 'ADD') return null;
  for (const [position, index] of inputs.entries()) {
    const other = inputs[1 - position];
    const tensor = tensorAt(graph, index);
    if (tensor.data === null || other === undefined || tensor.type !== 'float32') continue;
    const output = tensorAt(graph, outputs[0] ?? -1);
    const input = tensorAt(graph, other);
    const values = floatsOf(tensor.data);
    const isLast = values.length === 1 || values.length === (tensor.shape.at(-1) ?? 1);
    const isSame = elementCount(input.shape) === elementCount(output.shape);
    if (isLast && isSame && (values.length === 1 || values.length === input.shape.at(-1)))
      return { is: kind === 'MUL' ? 'scale' : 'shift', input: other, values };
  }
  return null;
}

function floatsOf(data: Uint8Array): Float32Array {
  return typedArray('float32', data) as Float32Array;
}

const activations: Readonly<Record<string, Activation>> = { RELU: 'relu', RELU6: 'relu6' };

function fuseActivations(graph: Graph): Graph {
  const reads = readsOf(graph);
  const operators: Operator[] = [];
  const writers = new Map<number, number>();
  for (const operator of graph.operators) {
    const activation = activations[operator.kind];
    const input = operator.inputs[0] ?? -1;
    const at = writers.get(input);
    const before = at === undefined ? undefined : operators[at];
    const fuses =
      activation !== undefined &&
      before !== undefined &&
      withActivation.has(before.kind) &&
      !hasActivation(before) &&
      reads.get(input) === 1;
    const position = fuses && at !== undefined ? at : operators.length;
    operators[position] = fuses
      ? { ...before, outputs: operator.outputs, options: { ...(before.options as object), activation } }
      : operator;
    for (const output of operator.outputs) writers.set(output, position);
  }
  return { ...graph, operators };
}

/** Without operators and tensors that no output needs, and with operators in the order of their inputs. */
function renumbered(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const kept: Operator[] = [];
  for (const operator of graph.operators.toReversed()) {
    if (!operator.outputs.some((output) => needed.has(output))) continue;
    for (const input of operator.inputs) needed.add(input);
    kept.push(operator);
  }
  for (const input of graph.inputs) needed.add(input);
  const tensors = graph.tensors.filter(({ index }) => needed.has(index));
  const indices = new Map(tensors.map(({ index }, position) => [index, position]));
  const indexOf = (index: number): number => indices.get(index) ?? -1;
  return {
    ...graph,
    tensors: tensors.map((tensor, index) => ({ ...tensor, index })),
    operators: kept.reverse().map((operator, index) => ({
      ...operator,
      index,
      inputs: operator.inputs.map(indexOf),
      outputs: operator.outputs.map(indexOf),
    })),
    inputs: graph.inputs.map(indexOf),
    outputs: graph.outputs.map(indexOf),
  };
}
