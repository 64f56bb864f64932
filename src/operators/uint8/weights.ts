import type { Tensor, TypedArray } from '../../graph/graph.ts';
import type { ActivationRange } from '../activation.ts';
import {
  convolutionParameters,
  convolutionWalk,
  needsPatch,
  type SlidingWindow,
  walkOf,
} from '../convolution.ts';
import { dotProduct, foldedBias, packWeights } from '../dot_product.ts';
import type { FixedPointMultiplier } from '../fixed_point.ts';
import { type CoreFeatures, inputOf, type KernelCall, type Node, outputOf } from '../operator.ts';
import { quantizationOf, zeroPointOf } from '../quantization.ts';

/** uint8 weights with zero points, as models of TensorFlow 1 have them. */

/** The node as if its weights were int8 around zero: what the int8 operator checks and computes with. */
export function asSymmetric<Options>(node: Node<Options>): Node<Options> {
  const weights = inputOf(node, 1);
  const { quantization } = weights;
  const around =
    quantization === null ? null : { ...quantization, zeroPoints: quantization.zeroPoints.map(() => 0) };
  const symmetric: Tensor = {
    ...weights,
    type: weights.type === 'uint8' ? 'int8' : weights.type,
    quantization: around,
  };
  return { ...node, inputs: node.inputs.with(1, symmetric) };
}

/** The zero point of each of `channels` channels. */
export function zeroPointsOf(node: Node, channels: number): Int32Array {
  const { zeroPoints } = quantizationOf(node, inputOf(node, 1));
  return Int32Array.from(
    { length: channels },
    (_, channel) => zeroPoints[zeroPoints.length === 1 ? 0 : channel] ?? 0,
  );
}

/** The inputs with weights less their zero points; `channelOf` gives the channel of a weight by its position. */
export function withCentredWeights(
  inputs: readonly (TypedArray | null)[],
  zeroPoints: Int32Array,
  channelOf: (at: number) => number,
): (TypedArray | null)[] {
  return inputs.with(1, centred(inputs[1] as Uint8Array, zeroPoints, channelOf));
}

function centred(weights: Uint8Array, zeroPoints: Int32Array, channelOf: (at: number) => number): Int16Array {
  return Int16Array.from(weights, (weight, at) => weight - (zeroPoints[channelOf(at)] as number));
}

/** What a convolution with such weights is made of, besides its geometry. */
export interface UnsignedFilters {
  readonly kernel: string;
  /** [channels][size] */
  readonly weights: Uint8Array;
  /** The same in the kernel's order and type. */
  readonly packed: Uint8Array | Int8Array;
  /** How much lower than they are the weights are stored; their zero points with them. */
  readonly lowered: number;
  readonly multipliers: readonly FixedPointMultiplier[];
  readonly range: ActivationRange;
  readonly parameters: Readonly<Record<string, number>>;
  readonly macs: number;
}

export function lowerUnsigned(node: Node, window: SlidingWindow, filters: UnsignedFilters): KernelCall {
  const { weights, multipliers } = filters;
  const channels = multipliers.length;
  const size = weights.length / channels;
  const zeroPoints = zeroPointsOf(node, channels);
  const values = centred(weights, zeroPoints, (at) => Math.floor(at / size));
  const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
  const bias = foldedBias(values, node.inputs[2] ?? null, channels, inputZeroPoint);
  const patch = filters.kernel === 'depthwise_conv_2d_uint8' ? size * window.inputChannels : size;
  const names = ['weights', 'bias', 'multiplier', 'shift', 'zero_points'];
  return {
    kernel: filters.kernel,
    parametersType: 'convolution_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
      ...names.map((name) => ({ is: 'constant', name }) as const),
      { is: 'scratch' },
    ],
    constants: [
      {
        name: 'weights',
        role: 'weights',
        type: filters.packed instanceof Int8Array ? 'int8' : 'uint8',
        values: filters.packed,
      },
      { name: 'bias', role: 'weights', type: 'int32', values: bias },
      {
        name: 'multiplier',
        role: 'table',
        type: 'int32',
        values: multipliers.map(({ multiplier }) => multiplier),
      },
      { name: 'shift', role: 'table', type: 'int8', values: multipliers.map(({ shift }) => -shift) },
      {
        name: 'zero_points',
        role: 'table',
        type: 'int32',
        values: zeroPoints.map((zeroPoint) => zeroPoint - filters.lowered),
      },
    ],
    parameters: {
      ...convolutionParameters(window),
      input_zero_point: inputZeroPoint,
      output_zero_point: zeroPointOf(node, outputOf(node)),
      output_min: filters.range.min,
      output_max: filters.range.max,
      ...filters.parameters,
    },
    scratchBytes: needsPatch(window) ? patch : 0,
    inPlace: [],
    ...walkOf(convolutionWalk(window, 1, 'any')),
    macs: filters.macs,
  };
}

/** The order in which CONV_2D and FULLY_CONNECTED read uint8 weights [channels][rows][length] on a core. */
export function byGroup(
  weights: Uint8Array,
  shape: { readonly channels: number; readonly rows: number; readonly length: number },
  features: CoreFeatures,
): Pick<UnsignedFilters, 'kernel' | 'packed' | 'lowered'> & { readonly tile: number } {
  // Helium has the DSP extension, too.
  const dot = dotProduct({ ...features, mve: false }, 1, shape.channels);
  const suffix = dot.suffix === '_pixel_dsp' ? '_dsp' : dot.biased ? '_v6m' : '';
  return {
    kernel: `conv_2d_uint8${suffix}`,
    packed: packWeights(
      weights.map((weight) => weight ^ 128),
      shape,
      dot,
    ),
    // Stored 128 lower, but for those cores that load bytes without sign.
    lowered: dot.biased ? 0 : 128,
    tile: dot.channels,
  };
}
