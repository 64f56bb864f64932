import {
  bytesOf,
  type Graph,
  type Operator,
  type Quantization,
  type Tensor,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import { arithmeticOf } from '../operators/arithmetic.ts';
import { type Conv2dOptions, conv2dGeometry } from '../operators/conv_2d.ts';
import type { SlidingWindow } from '../operators/convolution.ts';
import { type DepthwiseConv2dOptions, depthwiseConv2dGeometry } from '../operators/depthwise_conv_2d.ts';
import { weightsOf } from '../operators/dot_product.ts';
import { inputOf, type Node, nodeOf, outputOf } from '../operators/operator.ts';
import { zeroPointOf } from '../operators/quantization.ts';
import { type ChannelRanges, channelRanges, keepsChannels, tapReach } from './channel_ranges.ts';

/**
 * Removes channels that are the same for every input, or that nothing reads: exact. A constant channel moves into the
 * bias of the convolution that reads it; the layers before it shrink. Interval arithmetic finds the constants, a walk
 * from the outputs back finds what is read.
 */
export function removeChannels(graph: Graph): Graph {
  const analysis = { graph, ranges: channelRanges(graph) };
  const kept = neededChannels(analysis);
  if ([...kept.values()].every(({ all }) => all)) return graph;
  return rewrite(analysis, kept);
}

interface Analysis {
  readonly graph: Graph;
  readonly ranges: ReadonlyMap<number, ChannelRanges>;
}

/** Kernels compute channels in groups of four; a channel of zeros is cheaper than one left over. */
const channelGroup = 4;
/** In the place of a channel's number: one that was not there before, with weights of zero. */
const filling = -1;

/** The channels of a tensor that stay, ascending, then what fills them up to whole groups. */
interface Kept {
  readonly channels: readonly number[];
  readonly all: boolean;
}

function channelsOf(tensor: Tensor): number {
  return tensor.shape.at(-1) ?? 1;
}

/** Tensor by tensor from the outputs back. */
function neededChannels(analysis: Analysis): ReadonlyMap<number, Kept> {
  const { graph } = analysis;
  const needed = new Map<number, Set<number>>();
  const need = (tensor: Tensor, channels: Iterable<number>): void => {
    const set = needed.get(tensor.index) ?? new Set<number>();
    for (const channel of channels) set.add(channel);
    needed.set(tensor.index, set);
  };
  const needAll = (tensor: Tensor): void =>
    need(
      tensor,
      Array.from({ length: channelsOf(tensor) }, (_, c) => c),
    );
  for (const index of [...graph.inputs, ...graph.outputs]) needAll(tensorAt(graph, index));
  for (const operator of graph.operators.toReversed()) {
    const node = nodeOf(graph, operator);
    const output = node.outputs[0];
    const wanted = output === undefined ? [] : [...(needed.get(output.index) ?? [])];
    if (!canShrink(graph, node)) {
      for (const tensor of [...node.inputs, ...node.outputs]) if (tensor !== null) needAll(tensor);
      continue;
    }
    // A layer with nothing left still has to have one channel.
    if (wanted.length === 0 && output !== undefined) need(output, [0]);
    const left = wanted.length === 0 ? [0] : wanted;
    need(inputOf(node, 0), inputsFor(analysis, node, left));
  }
  return new Map(
    [...needed].map(([index, set]) => {
      const channels = [...(set.size === 0 ? [0] : set)].sort((a, b) => a - b);
      const count = channelsOf(tensorAt(graph, index));
      const whole = Math.ceil(channels.length / channelGroup) * channelGroup;
      const fillings = new Array<number>(whole < count ? whole - channels.length : 0).fill(filling);
      return [index, { channels: [...channels, ...fillings], all: channels.length === count }];
    }),
  );
}

/** Whether the operator, as it is used here, is one whose channels can be taken apart. */
function canShrink(graph: Graph, node: Node): boolean {
  // The proofs are about integers.
  if (arithmeticOf(node) !== 'int8') return false;
  switch (node.operator.kind) {
    case 'CONV_2D':
      return conv2dGeometry(node as Node<Conv2dOptions>).groups === 1;
    case 'FULLY_CONNECTED':
      return channelsOf(inputOf(node, 0)) === (inputOf(node, 1).shape[1] ?? 0);
    case 'DEPTHWISE_CONV_2D': {
      const { depthMultiplier } = depthwiseConv2dGeometry(node as Node<DepthwiseConv2dOptions>);
      return depthMultiplier === 1 && keepsInStep(graph, node);
    }
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D':
      return keepsInStep(graph, node);
    case 'RESHAPE':
      return keepsChannels(node) && keepsInStep(graph, node);
    default:
      return false;
  }
}

/**
 * Output channel by output channel from the same input channel: both tensors must lose the same ones. So nothing else
 * may read the input, and what computes it must be able to lose channels too.
 */
function keepsInStep(graph: Graph, node: Node): boolean {
  const { index } = inputOf(node, 0);
  const readers = graph.operators.flatMap(({ inputs }) => inputs.filter((input) => input === index));
  const writer = graph.operators.find(({ outputs }) => outputs.includes(index));
  if (readers.length !== 1 || writer === undefined || graph.outputs.includes(index)) return false;
  return canShrink(graph, nodeOf(graph, writer));
}

/** The channels of the first input that the wanted output channels cannot do without. */
function inputsFor(analysis: Analysis, node: Node, wanted: readonly number[]): number[] {
  const { kind } = node.operator;
  if (kind !== 'CONV_2D' && kind !== 'FULLY_CONNECTED') return [...wanted];
  const weights = weightsOf(inputOf(node, 1));
  const channels = channelsOf(inputOf(node, 0));
  const taps = weights.length / channels / channelsOf(outputOf(node));
  return Array.from({ length: channels }, (_, c) => c).filter(
    (c) =>
      !isFoldable(analysis, node, c) &&
      wanted.some((out) => {
        for (let tap = 0; tap < taps; tap += 1)
          if (weights[(out * taps + tap) * channels + c] !== 0) return true;
        return false;
      }),
  );
}

function constantOf({ ranges }: Analysis, tensor: Tensor, channel: number): number | null {
  const range = ranges.get(tensor.index)?.[channel];
  return range !== undefined && range.low === range.high ? range.low : null;
}

/** A constant channel that adds the same to every output pixel: no padding ever takes its place, or it is zero itself. */
function isFoldable(analysis: Analysis, node: Node, channel: number): boolean {
  const value = constantOf(analysis, inputOf(node, 0), channel);
  if (value === null) return false;
  if (value === zeroPointOf(node, inputOf(node, 0)) || node.operator.kind === 'FULLY_CONNECTED') return true;
  const window: SlidingWindow = conv2dGeometry(node as Node<Conv2dOptions>);
  return tapReach(window).every((reach) => reach !== 'both');
}

function rewrite(analysis: Analysis, kept: ReadonlyMap<number, Kept>): Graph {
  const { graph } = analysis;
  const keptOf = (tensor: Tensor): Kept =>
    kept.get(tensor.index) ?? {
      channels: Array.from({ length: channelsOf(tensor) }, (_, c) => c),
      all: true,
    };
  const tensors = graph.tensors.map((tensor): Tensor => {
    const { channels, all } = keptOf(tensor);
    if (all || tensor.data !== null) return tensor;
    return { ...tensor, shape: [...tensor.shape.slice(0, -1), channels.length] };
  });
  // Weights and biases of shrunk layers are new tensors: another layer may share the old ones.
  const operators = graph.operators.map((operator): Operator => {
    const node = nodeOf(graph, operator);
    const parts = shrunk(analysis, node, keptOf);
    if (parts === null) return operator;
    const inputs = [...operator.inputs];
    for (const [position, part] of parts.entries()) {
      if (part === null) continue;
      inputs[position] = tensors.length;
      tensors.push({ ...part, index: tensors.length });
    }
    return { ...operator, inputs };
  });
  return { ...graph, tensors, operators };
}

/** The layer's constant inputs with only the channels that stay; null where nothing changes. */
function shrunk(
  analysis: Analysis,
  node: Node,
  keptOf: (tensor: Tensor) => Kept,
): readonly (Tensor | null)[] | null {
  const { kind } = node.operator;
  if (kind !== 'CONV_2D' && kind !== 'FULLY_CONNECTED' && kind !== 'DEPTHWISE_CONV_2D') return null;
  const [input, output] = [inputOf(node, 0), outputOf(node)];
  const [from, to] = [keptOf(input), keptOf(output)];
  if (from.all && to.all) return null;
  const weights = inputOf(node, 1);
  const values = weightsOf(weights);
  if (kind === 'DEPTHWISE_CONV_2D') {
    const channels = channelsOf(output);
    const taps = values.length / channels;
    const left = to.channels.map((channel) => channel);
    const packed = Int8Array.from({ length: taps * left.length }, (_, at) => {
      const channel = left[at % left.length] as number;
      return channel === filling ? 0 : (values[Math.floor(at / left.length) * channels + channel] as number);
    });
    const shape = [...weights.shape.slice(0, -1), left.length];
    return [null, withValues(weights, packed, shape, left), biasFor(analysis, node, to, from)];
  }
  const channels = channelsOf(input);
  const taps = values.length / channels / channelsOf(output);
  const packed = new Int8Array(to.channels.length * taps * from.channels.length);
  let at = 0;
  for (const out of to.channels)
    for (let tap = 0; tap < taps; tap += 1)
      for (const c of from.channels)
        packed[at++] =
          out === filling || c === filling ? 0 : (values[(out * taps + tap) * channels + c] as number);
  const shape = [to.channels.length, ...weights.shape.slice(1, -1), from.channels.length];
  return [null, withValues(weights, packed, shape, to.channels), biasFor(analysis, node, to, from)];
}

function withValues(
  tensor: Tensor,
  values: Int8Array | Int32Array,
  shape: readonly number[],
  channels: readonly number[],
): Tensor {
  return {
    ...tensor,
    shape,
    data: bytesOf(values).slice(),
    quantization: pick(tensor.quantization, channels),
  };
}

function pick(quantization: Quantization | null, channels: readonly number[]): Quantization | null {
  if (quantization === null || quantization.scales.length <= 1) return quantization;
  return {
    ...quantization,
    scales: channels.map((channel) => quantization.scales[Math.max(channel, 0)] as number),
    zeroPoints: channels.map((channel) => quantization.zeroPoints[Math.max(channel, 0)] ?? 0),
  };
}

/** The bias of the channels that stay, with what the removed constant inputs add to each. */
function biasFor(analysis: Analysis, node: Node, to: Kept, from: Kept): Tensor {
  const given = node.inputs[2] ?? null;
  const old = given?.data == null ? null : typedArray(given.type, given.data);
  const bias = Int32Array.from(to.channels, (channel) => Number(old?.[channel] ?? 0)); // none for a filling
  if (node.operator.kind !== 'DEPTHWISE_CONV_2D' && !from.all) addConstants(analysis, node, to, from, bias);
  const template: Tensor = given ?? {
    index: -1,
    name: `${outputOf(node).name}/bias`,
    type: 'int32',
    shape: [],
    quantization: null,
    data: null,
  };
  return withValues(template, bias, [bias.length], to.channels);
}

function addConstants(analysis: Analysis, node: Node, to: Kept, from: Kept, bias: Int32Array): void {
  const input = inputOf(node, 0);
  const values = weightsOf(inputOf(node, 1));
  const channels = channelsOf(input);
  const taps = values.length / channels / channelsOf(outputOf(node));
  const reach =
    node.operator.kind === 'CONV_2D'
      ? tapReach(conv2dGeometry(node as Node<Conv2dOptions>))
      : (['inside'] as const);
  const stays = new Set(from.channels);
  for (let c = 0; c < channels; c += 1) {
    const value = stays.has(c) || !isFoldable(analysis, node, c) ? null : constantOf(analysis, input, c);
    const difference = value === null ? 0 : value - zeroPointOf(node, input);
    if (difference === 0) continue;
    for (const [at, out] of to.channels.entries())
      for (let tap = 0; tap < taps; tap += 1)
        if (out !== filling && reach[tap] === 'inside')
          bias[at] =
            (bias[at] as number) + (values[(out * taps + tap) * channels + c] as number) * difference;
  }
}
