import type { Tensor } from '../../graph/graph.ts';
import type { ActivationRange } from '../activation.ts';
import type { Conv2dGeometry } from '../conv_2d.ts';
import {
  convolutionParameters,
  convolutionWalk,
  needsPatch,
  type SlidingWindow,
  walkOf,
} from '../convolution.ts';
import type { FixedPointMultiplier } from '../fixed_point.ts';
import { fillGroups, groupedCall, groupShape, packGroups } from '../grouped_convolution.ts';
import type { Argument, Constant, CoreFeatures, KernelCall } from '../operator.ts';
import { type Rounding16, requantization16, roundingNumber } from './accumulator.ts';

/** What a convolution of int16 inputs is made of, besides its geometry. */
export interface Filters16 {
  /** [output channels][rows][length] */
  readonly weights: Int8Array;
  readonly rows: number;
  readonly length: number;
  readonly bias: Tensor | null;
  readonly multipliers: readonly FixedPointMultiplier[];
  readonly range: ActivationRange;
}

/** How a core reads the weights, and the accumulators that it holds: output pixels × output channels. */
interface Layout {
  readonly kernel: string;
  readonly pixels: number;
  readonly channels: number;
  /** Inputs of one channel side by side: 1, 2 (two channels to a word), or 8, filled up with zeros to whole tiles. */
  readonly block: 1 | 2 | 8;
  /** Stored plus 128: loaded without sign. */
  readonly biased: boolean;
}

/** Helium requantizes four channels alike. */
function roundingsOf({ mve }: CoreFeatures): readonly Rounding16[] {
  return mve ? ['high', 'wide', 'double'] : ['high', 'shifted', 'wide', 'double'];
}

function layoutOf(features: CoreFeatures, pixels: number, channels: number, rounding: Rounding16): Layout {
  const { dsp, mve, v6m } = features;
  const fit = (most: number): number => (channels >= most ? most : 2 ** Math.floor(Math.log2(channels)));
  const plain = { kernel: 'conv_2d_int16x8', pixels: 1, channels: 1, block: 1, biased: false } as const;
  if (rounding === 'wide' || rounding === 'double') return plain;
  if (mve) return { ...plain, kernel: 'conv_2d_int16x8_mve', channels: 4, block: 8 };
  const single = pixels === 1;
  if (v6m) return { ...plain, kernel: 'conv_2d_int16x8_v6m', channels: fit(4), biased: true };
  if (dsp)
    return {
      ...plain,
      kernel: 'conv_2d_int16x8_dsp',
      pixels: single ? 1 : 2,
      channels: fit(single ? 4 : 2),
      block: 2,
    };
  return { ...plain, pixels: single ? 1 : 2, channels: fit(2) };
}

/** The kernel call of CONV_2D and FULLY_CONNECTED. */
export function lowerConvolution16(
  features: CoreFeatures,
  window: SlidingWindow,
  { weights, rows, length, bias, multipliers, range }: Filters16,
): KernelCall {
  const { outputChannels, inputChannels } = window;
  const pixels = window.outputHeight * window.outputWidth;
  const { rounding, constants } = requantization16(multipliers, bias, weights, roundingsOf(features));
  const layout = layoutOf(features, pixels, outputChannels, rounding);
  const inBytes = { ...window, inputChannels: 2 * inputChannels, outputChannels: 2 * outputChannels };
  const shape = { channels: outputChannels, rows, length };
  const isHelium = layout.block === 8;
  // Helium takes a field as one run.
  const copies = needsPatch(window) || (isHelium && rows > 1);
  return {
    kernel: layout.kernel,
    parametersType: 'convolution_parameters',
    arguments: kernelArguments,
    constants: [
      {
        name: 'weights',
        role: 'weights',
        type: 'int8',
        values: isHelium ? filled(weights, shape) : packed(weights, shape, layout),
      },
      ...(isHelium ? constants.map((constant) => filledUp(constant, 4)) : constants),
    ],
    parameters: {
      ...convolutionParameters(window),
      output_min: range.min,
      output_max: range.max,
      tile_pixels: layout.pixels,
      tile_channels: layout.channels,
      wide: roundingNumber[rounding],
    },
    scratchBytes: copies ? layout.pixels * 2 * rows * length : 0,
    inPlace: [],
    ...walkOf(convolutionWalk(inBytes, layout.pixels, isHelium && rows > 1 ? 'reads-first' : 'any')),
    macs: window.batches * pixels * outputChannels * rows * length,
  };
}

/** The kernel call of CONV_2D in groups. */
export function lowerGrouped16(
  features: CoreFeatures,
  geometry: Conv2dGeometry,
  { weights, bias, multipliers, range }: Filters16,
): KernelCall {
  const { rounding, constants } = requantization16(multipliers, bias, weights, roundingsOf(features));
  const shape = groupShape(geometry);
  const pixels = geometry.outputHeight * geometry.outputWidth;
  const layout = layoutOf(features, pixels, shape.channels, rounding);
  const isHelium = layout.block === 8;
  const { parameters, ...call } = groupedCall(geometry, { bytes: 2, pixels: layout.pixels, isRun: isHelium });
  return {
    kernel: layout.kernel.replace('conv_2d', 'conv_2d_grouped'),
    parametersType: 'convolution_parameters',
    arguments: kernelArguments,
    constants: [
      {
        name: 'weights',
        role: 'weights',
        type: 'int8',
        values: packGroups(weights, shape, (ofGroup) =>
          isHelium ? filled(ofGroup, shape) : packed(ofGroup, shape, layout),
        ),
      },
      ...(isHelium
        ? constants.map((constant) => ({
            ...constant,
            values: fillGroups(Int32Array.from(constant.values), shape.channels),
          }))
        : constants),
    ],
    parameters: {
      ...parameters,
      output_min: range.min,
      output_max: range.max,
      tile_pixels: layout.pixels,
      tile_channels: layout.channels,
      wide: roundingNumber[rounding],
    },
    inPlace: [],
    ...call,
  };
}

const kernelArguments: readonly Argument[] = [
  { is: 'input', index: 0 },
  { is: 'output', index: 0 },
  { is: 'constant', name: 'weights' },
  { is: 'constant', name: 'bias' },
  { is: 'constant', name: 'multiplier' },
  { is: 'scratch' },
];

interface FilterShape {
  readonly channels: number;
  readonly rows: number;
  readonly length: number;
}

/** A table by channel with zeros up to whole groups. */
export function filledUp(constant: Constant, group: number): Constant {
  const values = new Int32Array(Math.ceil(constant.values.length / group) * group);
  values.set(constant.values);
  return { ...constant, values };
}

/**
 * Weights [channels][rows][length] in the order in which the tiles read them: for each group of channels and each row
 * input by input, its channels side by side; with blocks of two, two inputs of two channels side by side.
 */
function packed(weights: Int8Array, { channels, rows, length }: FilterShape, layout: Layout): Int8Array {
  const result = new Int8Array(weights.length);
  let at = 0;
  for (let first = 0; first < channels; ) {
    const group = first + layout.channels <= channels ? layout.channels : 1;
    const block = layout.block === 2 && group % 2 === 0 ? 2 : 1;
    for (let row = 0; row < rows; row += 1)
      for (let k = 0; k < length; k += block) {
        const inputs = Math.min(block, length - k);
        const side = inputs === 2 ? 2 : group;
        for (let pair = 0; pair < group; pair += side)
          for (let i = 0; i < inputs; i += 1)
            for (let channel = 0; channel < side; channel += 1)
              result[at++] = weights[((first + pair + channel) * rows + row) * length + k + i] as number;
      }
    first += group;
  }
  return layout.biased ? result.map((weight) => weight ^ -128) : result;
}

/** For Helium: for each four channels the field in blocks of eight by channel, filled up with zeros. */
function filled(weights: Int8Array, { channels, rows, length }: FilterShape): Int8Array {
  const size = rows * length;
  const blocks = Math.ceil(size / 8);
  const result = new Int8Array(Math.ceil(channels / 4) * 4 * blocks * 8);
  for (let channel = 0; channel < channels; channel += 1)
    for (let k = 0; k < size; k += 1) {
      const block = Math.floor(channel / 4) * blocks + Math.floor(k / 8);
      result[(block * 4 + (channel % 4)) * 8 + (k % 8)] = weights[channel * size + k] as number;
    }
  return result;
}
