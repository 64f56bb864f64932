import type { Tensor } from '../../graph/graph.ts';
import type { ActivationRange } from '../activation.ts';
import {
  convolutionParameters,
  convolutionWalk,
  needsPatch,
  type SlidingWindow,
  walkOf,
} from '../convolution.ts';
import type { FixedPointMultiplier } from '../fixed_point.ts';
import type { CoreFeatures, KernelCall } from '../operator.ts';
import { requantization16, roundingNumber } from './accumulator.ts';

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

/** Accumulators held in registers: output pixels × output channels. */
interface Tile {
  readonly pixels: number;
  readonly channels: number;
  /** Two inputs of two channels in one word of weights. */
  readonly paired: boolean;
}

function tileOf({ dsp, v6m }: CoreFeatures, pixels: number, channels: number, isHigh: boolean): Tile {
  const single = v6m || !isHigh || pixels === 1;
  const fit = (most: number): number => (channels >= most ? most : 2 ** Math.floor(Math.log2(channels)));
  const paired = dsp && isHigh;
  return { pixels: single ? 1 : 2, channels: fit(!isHigh ? 1 : paired && single ? 4 : 2), paired };
}

/** The kernel call of CONV_2D and FULLY_CONNECTED. */
export function lowerConvolution16(
  features: CoreFeatures,
  window: SlidingWindow,
  { weights, rows, length, bias, multipliers, range }: Filters16,
): KernelCall {
  const { outputChannels, inputChannels } = window;
  const pixels = window.outputHeight * window.outputWidth;
  const { rounding, constants } = requantization16(multipliers, bias, weights);
  const tile = tileOf(features, pixels, outputChannels, rounding === 'high');
  const inBytes = { ...window, inputChannels: 2 * inputChannels, outputChannels: 2 * outputChannels };
  return {
    kernel: tile.paired ? 'conv_2d_int16x8_dsp' : 'conv_2d_int16x8',
    parametersType: 'convolution_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
      { is: 'constant', name: 'weights' },
      { is: 'constant', name: 'bias' },
      { is: 'constant', name: 'multiplier' },
      { is: 'scratch' },
    ],
    constants: [
      {
        name: 'weights',
        role: 'weights',
        type: 'int8',
        values: packed(weights, { channels: outputChannels, rows, length }, tile),
      },
      ...constants,
    ],
    parameters: {
      ...convolutionParameters(window),
      output_min: range.min,
      output_max: range.max,
      tile_pixels: tile.pixels,
      tile_channels: tile.channels,
      wide: roundingNumber[rounding],
    },
    scratchBytes: needsPatch(window) ? tile.pixels * 2 * rows * length : 0,
    inPlace: [],
    ...walkOf(convolutionWalk(inBytes, tile.pixels, 'any')),
    macs: window.batches * pixels * outputChannels * rows * length,
  };
}

/**
 * Weights [channels][rows][length] in the order in which the tiles read them: for each group of channels and each row
 * input by input, its channels side by side; where paired, two inputs of two channels side by side.
 */
function packed(
  weights: Int8Array,
  { channels, rows, length }: { readonly channels: number; readonly rows: number; readonly length: number },
  tile: Tile,
): Int8Array {
  const result = new Int8Array(weights.length);
  let at = 0;
  for (let first = 0; first < channels; ) {
    const group = first + tile.channels <= channels ? tile.channels : 1;
    const block = tile.paired && group % 2 === 0 ? 2 : 1;
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
  return result;
}
