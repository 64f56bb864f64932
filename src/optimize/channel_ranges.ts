import { type Graph, type Tensor, tensorAt, typedArray } from '../graph/graph.ts';
import { type ActivationRange, activationRange } from '../operators/activation.ts';
import { type Conv2dOptions, conv2dGeometry } from '../operators/conv_2d.ts';
import type { SlidingWindow } from '../operators/convolution.ts';
import { type DepthwiseConv2dOptions, depthwiseConv2dGeometry } from '../operators/depthwise_conv_2d.ts';
import { weightsOf } from '../operators/dot_product.ts';
import { clamp, type FixedPointMultiplier, scaleAccumulator } from '../operators/fixed_point.ts';
import {
  type FullyConnectedOptions,
  fullyConnectedGeometry,
  fullyConnectedMultipliers,
} from '../operators/fully_connected.ts';
import { inputOf, type Node, nodeOf, outputOf } from '../operators/operator.ts';
import type { PoolOptions } from '../operators/pooling.ts';
import { channelMultipliers, zeroPointOf } from '../operators/quantization.ts';

/** Bounds of an int8 value, inclusive. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Bounds by channel (last dimension) of a tensor, for every possible input of the model. */
export type ChannelRanges = readonly Range[];

const anyInt8: Range = { low: -128, high: 127 };

/**
 * Interval arithmetic from the inputs to the outputs: what each channel of each int8 tensor can be at all. Accumulators
 * are bounded tap by tap, with padding as one more possibility; requantization and clamps are monotone.
 */
export function channelRanges(graph: Graph): ReadonlyMap<number, ChannelRanges> {
  const ranges = new Map<number, ChannelRanges>();
  const rangesOf = (tensor: Tensor): ChannelRanges => ranges.get(tensor.index) ?? anything(tensor);
  for (const operator of graph.operators) {
    const node = nodeOf(graph, operator);
    const [output] = node.outputs;
    if (output?.type !== 'int8') continue;
    ranges.set(output.index, transfer(node, rangesOf));
  }
  for (const index of graph.inputs) ranges.set(index, anything(tensorAt(graph, index)));
  return ranges;
}

function anything(tensor: Tensor): ChannelRanges {
  return Array.from({ length: tensor.shape.at(-1) ?? 1 }, () => anyInt8);
}

function transfer(node: Node, rangesOf: (tensor: Tensor) => ChannelRanges): ChannelRanges {
  switch (node.operator.kind) {
    case 'CONV_2D':
      return convolved(node as Node<Conv2dOptions>, rangesOf(inputOf(node, 0)));
    case 'DEPTHWISE_CONV_2D':
      return depthwise(node as Node<DepthwiseConv2dOptions>, rangesOf(inputOf(node, 0)));
    case 'FULLY_CONNECTED':
      return connected(node as Node<FullyConnectedOptions>, rangesOf(inputOf(node, 0)));
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D': {
      const { activation } = (node as Node<PoolOptions>).options;
      const range = activationRange(node, activation, outputOf(node));
      return rangesOf(inputOf(node, 0)).map((each) => clamped(each, range));
    }
    case 'RESHAPE':
      return keepsChannels(node) ? rangesOf(inputOf(node, 0)) : anything(outputOf(node));
    default:
      return anything(outputOf(node));
  }
}

/** A RESHAPE under which a channel stays a channel. */
export function keepsChannels(node: Node): boolean {
  return inputOf(node, 0).shape.at(-1) === outputOf(node).shape.at(-1);
}

function clamped({ low, high }: Range, { min, max }: ActivationRange): Range {
  return { low: clamp(low, min, max), high: clamp(high, min, max) };
}

/** Accumulator bounds → output bounds. */
function requantized(
  sum: Range,
  multiplier: FixedPointMultiplier,
  zeroPoint: number,
  range: ActivationRange,
): Range {
  const at = (value: number): number =>
    clamp(scaleAccumulator(value, multiplier) + zeroPoint, range.min, range.max);
  // Beyond int32 the reference would wrap: nothing is known then.
  if (sum.low < -(2 ** 31) || sum.high >= 2 ** 31) return { low: range.min, high: range.max };
  return { low: at(sum.low), high: at(sum.high) };
}

/** Bounds of Σ weight × (value − zero point), where padding may take the place of any value. */
class Accumulator {
  low: number;
  high: number;
  constructor(bias: number) {
    this.low = bias;
    this.high = bias;
  }
  add(weight: number, { low, high }: Range, zeroPoint: number, reach: TapReach): void {
    if (weight === 0 || reach === 'outside') return;
    const padded = reach === 'both';
    const a = weight * (low - zeroPoint);
    const b = weight * (high - zeroPoint);
    this.low += padded ? Math.min(a, b, 0) : Math.min(a, b);
    this.high += padded ? Math.max(a, b, 0) : Math.max(a, b);
  }
}

/** Whether a tap of the filter meets the image, the padding, or, from one output position to another, both. */
export type TapReach = 'inside' | 'outside' | 'both';

/** By tap, row-major. */
export function tapReach(window: SlidingWindow): TapReach[] {
  const along = (
    filter: number,
    input: number,
    output: number,
    stride: number,
    dilation: number,
    before: number,
  ) =>
    Array.from({ length: filter }, (_, tap) => {
      const positions = Array.from({ length: output }, (__, at) => at * stride - before + tap * dilation);
      const inside = positions.filter((at) => at >= 0 && at < input).length;
      return inside === positions.length ? 'inside' : inside === 0 ? 'outside' : 'both';
    });
  const rows = along(
    window.filterHeight,
    window.inputHeight,
    window.outputHeight,
    window.strideHeight,
    window.dilationHeight,
    window.paddingTop,
  );
  const columns = along(
    window.filterWidth,
    window.inputWidth,
    window.outputWidth,
    window.strideWidth,
    window.dilationWidth,
    window.paddingLeft,
  );
  return rows.flatMap((row) =>
    columns.map((column): TapReach => {
      if (row === 'outside' || column === 'outside') return 'outside';
      return row === 'inside' && column === 'inside' ? 'inside' : 'both';
    }),
  );
}

function biasOf(node: Node, channels: number): ArrayLike<number | bigint> {
  const bias = node.inputs[2];
  return bias?.data == null ? new Int32Array(channels) : typedArray(bias.type, bias.data);
}

function convolved(node: Node<Conv2dOptions>, input: ChannelRanges): ChannelRanges {
  const geometry = conv2dGeometry(node);
  const { outputChannels, filterChannels, groups } = geometry;
  if (groups !== 1) return anything(outputOf(node));
  const taps = geometry.filterHeight * geometry.filterWidth;
  const reach = tapReach(geometry);
  const weights = weightsOf(inputOf(node, 1));
  const zeroPoint = zeroPointOf(node, inputOf(node, 0));
  const multipliers = channelMultipliers(
    node,
    inputOf(node, 0),
    inputOf(node, 1),
    outputOf(node),
    outputChannels,
  );
  const range = activationRange(node, node.options.activation, outputOf(node));
  const bias = biasOf(node, outputChannels);
  return Array.from({ length: outputChannels }, (_, channel) => {
    const sum = new Accumulator(Number(bias[channel]));
    for (let tap = 0; tap < taps; tap += 1)
      for (let c = 0; c < filterChannels; c += 1) {
        const weight = weights[(channel * taps + tap) * filterChannels + c] as number;
        sum.add(weight, input[c] ?? anyInt8, zeroPoint, reach[tap] ?? 'both');
      }
    return requantized(
      sum,
      multipliers[channel] as FixedPointMultiplier,
      zeroPointOf(node, outputOf(node)),
      range,
    );
  });
}

function depthwise(node: Node<DepthwiseConv2dOptions>, input: ChannelRanges): ChannelRanges {
  const geometry = depthwiseConv2dGeometry(node);
  const { outputChannels, depthMultiplier } = geometry;
  const taps = geometry.filterHeight * geometry.filterWidth;
  const reach = tapReach(geometry);
  const weights = weightsOf(inputOf(node, 1));
  const zeroPoint = zeroPointOf(node, inputOf(node, 0));
  const multipliers = channelMultipliers(
    node,
    inputOf(node, 0),
    inputOf(node, 1),
    outputOf(node),
    outputChannels,
  );
  const range = activationRange(node, node.options.activation, outputOf(node));
  const bias = biasOf(node, outputChannels);
  return Array.from({ length: outputChannels }, (_, channel) => {
    const sum = new Accumulator(Number(bias[channel]));
    const from = input[Math.floor(channel / depthMultiplier)] ?? anyInt8;
    for (let tap = 0; tap < taps; tap += 1)
      sum.add(weights[tap * outputChannels + channel] as number, from, zeroPoint, reach[tap] ?? 'both');
    return requantized(
      sum,
      multipliers[channel] as FixedPointMultiplier,
      zeroPointOf(node, outputOf(node)),
      range,
    );
  });
}

function connected(node: Node<FullyConnectedOptions>, input: ChannelRanges): ChannelRanges {
  const { depth, outputs } = fullyConnectedGeometry(node);
  const weights = weightsOf(inputOf(node, 1));
  const zeroPoint = zeroPointOf(node, inputOf(node, 0));
  const multipliers = fullyConnectedMultipliers(node);
  const range = activationRange(node, node.options.activation, outputOf(node));
  const bias = biasOf(node, outputs);
  // Channels are the inputs only where the last dimension is all of them; a flattened image repeats its channels.
  const channels = input.length;
  return Array.from({ length: outputs }, (_, out) => {
    const sum = new Accumulator(Number(bias[out]));
    for (let d = 0; d < depth; d += 1)
      sum.add(
        weights[out * depth + d] as number,
        depth % channels === 0 ? (input[d % channels] ?? anyInt8) : anyInt8,
        zeroPoint,
        'inside',
      );
    return requantized(
      sum,
      multipliers[out] as FixedPointMultiplier,
      zeroPointOf(node, outputOf(node)),
      range,
    );
  });
}
