import { type Activation, activationRange, isRectified } from './activation.ts';
import {
  accumulatorBounds,
  type ConvolutionConstants,
  packWeights,
  requantization,
  roundingParameters,
} from './dot_product.ts';
import type { FixedPointMultiplier } from './fixed_point.ts';
import { type Channel, type LinearRequantization, linearRequantization } from './linear_requantization.ts';
import { type Constant, type CoreFeatures, inputOf, type Node, outputOf } from './operator.ts';
import { zeroPointOf } from './quantization.ts';

/** Layers for cores that multiply one number at a time, Armv6-M and Armv7-M: constants and requantization by a line. */

export type ScalarCore = '_v6m' | '_v7m';

/** Which scalar kernels a core takes; null for one with vector instructions. */
export function scalarCore({ v6m, dsp, mve }: CoreFeatures): ScalarCore | null {
  return v6m ? '_v6m' : dsp || mve ? null : '_v7m';
}

/** Weights [channels][size] with their folded biases, zero point of the input included, and multipliers. */
export interface ScalarLayer {
  readonly weights: Int8Array;
  readonly bias: Int32Array;
  readonly multipliers: readonly FixedPointMultiplier[];
}

/** The line of a layer where one is proven. */
function lineOf(
  node: Node<{ readonly activation: Activation }>,
  core: ScalarCore,
  { weights, bias, multipliers }: ScalarLayer,
): LinearRequantization | null {
  const bounds = accumulatorBounds(weights, bias);
  const channels = multipliers.map((exact, channel) => ({ exact, bound: bounds[channel] as number }));
  return lineThrough(node, core, channels);
}

/** One line for all outputs, which share one multiplier. */
function oneLine(
  node: Node<{ readonly activation: Activation }>,
  core: ScalarCore,
  { weights, bias, multipliers: [exact] }: ScalarLayer,
): LinearRequantization | null {
  if (exact === undefined) return null;
  return lineThrough(node, core, [{ exact, bound: Math.max(...accumulatorBounds(weights, bias)) }]);
}

function lineThrough(
  node: Node<{ readonly activation: Activation }>,
  core: ScalarCore,
  channels: readonly Channel[],
): LinearRequantization | null {
  const output = outputOf(node);
  const range = activationRange(node, node.options.activation, output);
  return linearRequantization(
    channels,
    { zeroPoint: zeroPointOf(node, output), min: range.min, max: range.max },
    core === '_v7m' ? 'long' : 'halves',
  );
}

/** The fields of a kernel's struct that say how it requantizes. */
export function lineParameters(line: LinearRequantization | null): Record<string, number> {
  return {
    line: line === null ? 0 : line.split === 0 ? 1 : 2,
    line_split: line?.split ?? 0,
    line_shift: line?.shift ?? 0,
    line_high: line?.high ?? 0,
    line_tie: line?.tie.some((tie) => tie !== 0) === true ? 1 : 0,
    line_from: line?.cut?.from ?? 0,
    line_to: line?.cut?.to ?? 0,
  };
}

/** The multiplier as the kernel reads it: whole, or its halves in one word. */
export function multiplierWord(line: LinearRequantization, channel: number): number {
  const multiplier = line.multiplier[channel] as number;
  const { split } = line;
  return split === 0
    ? multiplier
    : (Math.floor(multiplier / 2 ** split) * 65536 + (multiplier % 2 ** split)) | 0;
}

/** Constants, and the parameters that go with them, of a convolution whose weights are packed as its kernel reads them. */
export function scalarConstants(
  node: Node<{ readonly activation: Activation }>,
  core: ScalarCore,
  layer: ScalarLayer,
  packed: Int8Array,
  /** What biased weights and inputs add to each channel's bias. */
  added: Int32Array | null = null,
): ConvolutionConstants & { readonly parameters: Record<string, number> } {
  const line = lineOf(node, core, layer);
  const table = requantization(layer.multipliers, layer.weights, layer.bias);
  const { multiplier, shift, wide, once } = table;
  const range = activationRange(node, node.options.activation, outputOf(node));
  const parameters = lineParameters(line);
  const words = Array.from(layer.bias, (bias, channel) => {
    const folded = (bias + (added?.[channel] ?? 0) + (line?.nudge[channel] ?? 0)) | 0;
    if (line === null) return [folded, multiplier[channel] as number, shift[channel] as number];
    const given = [folded, multiplierWord(line, channel), line.offset[channel] as number];
    return parameters.line_tie === 1 ? [...given, line.tie[channel] as number] : given;
  });
  const constants: readonly Constant[] = [
    { name: 'weights', role: 'weights', type: 'int8', values: packed },
    { name: 'channels', role: 'table', type: 'int32', values: Int32Array.from(words.flat()) },
  ];
  return {
    constants,
    arguments: constants.map(({ name }) => ({ is: 'constant', name })),
    parameters: {
      input_zero_point: zeroPointOf(node, inputOf(node, 0)),
      output_zero_point: zeroPointOf(node, outputOf(node)),
      output_min: range.min,
      output_max: range.max,
      // A line needs neither.
      rectified: line === null && isRectified(node, range) ? 1 : 0,
      ...roundingParameters({ ...table, wide: line === null && wide, once: line === null && once }),
      ...parameters,
    },
  };
}

/** The same for a layer with one multiplier for all outputs, which is a parameter then. */
export function scalarDenseConstants(
  node: Node<{ readonly activation: Activation }>,
  core: ScalarCore,
  { weights, bias, multipliers }: ScalarLayer,
  packed: Int8Array,
): { readonly constants: readonly Constant[]; readonly parameters: Record<string, number> } {
  const table = requantization(multipliers, weights, bias);
  const line = oneLine(node, core, { weights, bias, multipliers });
  const folded = bias.map((value) => value + (line?.nudge[0] ?? 0));
  return {
    constants: [
      { name: 'weights', role: 'weights', type: 'int8', values: packed },
      { name: 'bias', role: 'weights', type: 'int32', values: folded },
    ],
    parameters: {
      multiplier: line === null ? (table.multiplier[0] ?? 0) : multiplierWord(line, 0),
      shift: table.shift[0] ?? 0,
      ...lineParameters(line),
      line_offset: line?.offset[0] ?? 0,
      line_tie_offset: line?.tie[0] ?? 0,
    },
  };
}

/** Weights plus 128, as bytes. */
export function biasedWeights(weights: Int8Array): Int8Array {
  return weights.map((weight) => weight ^ -128);
}

/** −128 × Σ weights of each channel: inputs plus 128 then read as they are. Weights [channels][size]. */
export function inputBias(weights: Int8Array, channels: number): Int32Array {
  const size = weights.length / channels;
  return Int32Array.from(
    { length: channels },
    (_, channel) =>
      -128 * weights.subarray(channel * size, (channel + 1) * size).reduce((sum, weight) => sum + weight, 0),
  );
}

/** The order of weights by groups of channels. */
export function packByGroup(weights: Int8Array, channels: number, group: number, biased: boolean): Int8Array {
  return packWeights(
    weights,
    { channels, rows: 1, length: weights.length / channels },
    { suffix: '', block: 1, pixels: 2, channels: group, biased, widens: false, fills: false },
  );
}
