import { type Tensor, typedArray } from '../graph/graph.ts';
import type { FixedPointMultiplier } from './fixed_point.ts';
import type { Argument, Constant, CoreFeatures } from './operator.ts';
import { floatBits, floatOfBits } from './single_rounding.ts';

/** How convolutions and fully connected layers are laid out for a core: which dot product, which tile, which order of weights. */

export interface DotProduct {
  /** Ending of the kernel's name: '' is plain C, `_pixel_dsp` one output pixel with the DSP extension, `_mve` Helium. */
  readonly suffix: '' | '_v6m' | '_dsp' | '_pixel_dsp' | '_mve';
  /** Inputs that one load brings; weights are interleaved in blocks of this length. */
  readonly block: 1 | 4 | 16;
  /** Accumulators held in registers: output pixels × output channels. */
  readonly pixels: number;
  readonly channels: number;
  /** Weights are stored plus 128: the kernel loads them without sign. */
  readonly biased: boolean;
  /** The kernel copies each receptive field, widened, before it computes. */
  readonly widens: boolean;
  /** Weights are filled up with zeros to whole blocks; Helium's also to whole tiles of channels. */
  readonly fills: boolean;
}

/**
 * The tile by core. A pair of pixels shares each weight, a pair of channels each input. Armv6-M reaches only eight
 * registers in most instructions, so one pixel meets four channels there. Helium multiplies 16 inputs at once; four
 * channels share them.
 */
export function dotProduct(features: CoreFeatures, outputPixels: number, outputChannels: number): DotProduct {
  const single = outputPixels === 1;
  const fit = (channels: number): number =>
    outputChannels >= channels ? channels : 2 ** Math.floor(Math.log2(outputChannels));
  const bare = { pixels: 1, channels: fit(4), biased: false, widens: false, fills: false } as const;
  if (features.v6m) return { ...bare, suffix: '_v6m', block: 1, biased: true };
  if (features.mve) return { ...bare, suffix: '_mve', block: 16, channels: 4, fills: true };
  if (features.dsp && single) return { ...bare, suffix: '_pixel_dsp', block: 4 };
  if (features.dsp)
    return { ...bare, suffix: '_dsp', block: 4, pixels: 2, channels: 2, widens: true, fills: true };
  return { ...bare, suffix: '', block: 1, pixels: single ? 1 : 2, channels: fit(single ? 8 : 2) };
}

/** Bytes of scratch that a widening kernel needs for two fields, and for one field's bytes where they are not in place. */
export function widenedScratch(fieldBytes: number, needsBytes: boolean): number {
  return Math.ceil(fieldBytes / 4) * 16 + (needsBytes ? fieldBytes : 0);
}

/** Weights [channels][size] as [all][length], filled up with zeros. */
function paddedWeights(
  weights: Int8Array,
  channels: number,
  { all, length }: { readonly all: number; readonly length: number },
): Int8Array {
  if (channels === 0) return new Int8Array(0);
  const size = weights.length / channels;
  const padded = new Int8Array(all * length);
  for (let channel = 0; channel < channels; channel += 1)
    padded.set(weights.subarray(channel * size, (channel + 1) * size), channel * length);
  return padded;
}

/**
 * Weights [channels][rows][length] in the order in which the tiles read them: for each group of channels and each
 * row, blocks of inputs by channel, then the inputs left over by channel; then the channels left over one by one.
 */
export function packWeights(
  weights: ArrayLike<number>,
  shape: { readonly channels: number; readonly rows: number; readonly length: number },
  { block, channels: tile, biased }: DotProduct,
): Int8Array {
  const { channels, rows, length } = shape;
  const packed = new Int8Array(channels * rows * length);
  const blocked = length - (length % block);
  let at = 0;
  for (let first = 0; first < channels; first += first + tile <= channels ? tile : 1) {
    const group = first + tile <= channels ? tile : 1;
    for (let row = 0; row < rows; row += 1) {
      const from = (channel: number, k: number): number =>
        weights[((first + channel) * rows + row) * length + k] as number;
      for (let k = 0; k < blocked; k += block)
        for (let channel = 0; channel < group; channel += 1)
          for (let i = 0; i < block; i += 1) packed[at++] = from(channel, k + i);
      for (let k = blocked; k < length; k += 1)
        for (let channel = 0; channel < group; channel += 1) packed[at++] = from(channel, k);
    }
  }
  return biased ? packed.map((weight) => weight ^ -128) : packed;
}

/**
 * Weights [channels][size] for the dot products that read whole blocks. Helium reads whole tiles, too, but of one or two
 * channels that are left over those alone.
 */
export function packFilled(
  weights: Int8Array,
  { channels, size }: { readonly channels: number; readonly size: number },
  dot: DotProduct,
): Int8Array {
  const length = Math.ceil(size / dot.block) * dot.block;
  const shape = { rows: 1, length };
  if (dot.suffix !== '_mve')
    return packWeights(
      paddedWeights(weights, channels, { all: channels, length }),
      { channels, ...shape },
      dot,
    );
  const few = channels % dot.channels < 3 ? channels % dot.channels : 0;
  const whole = channels - few;
  const all = Math.ceil(whole / dot.channels) * dot.channels;
  const tiles = paddedWeights(weights.subarray(0, whole * size), whole, { all, length });
  const rest = paddedWeights(weights.subarray(whole * size), few, { all: few, length });
  return Int8Array.from([
    ...packWeights(tiles, { channels: all, ...shape }, dot),
    ...packWeights(rest, { channels: few, ...shape }, { ...dot, channels: few }),
  ]);
}

/** bias − input zero point × Σ weights, for weights [channels][size]: padding then reads as the zero point. */
export function foldedBias(
  weights: ArrayLike<number>,
  bias: Tensor | null,
  channels: number,
  inputZeroPoint: number,
): Int32Array {
  const size = weights.length / channels;
  const given = bias?.data == null ? new Int32Array(channels) : typedArray(bias.type, bias.data);
  return Int32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = 0; i < size; i += 1) sum += weights[channel * size + i] as number;
    return (Number(given[channel]) - inputZeroPoint * sum) | 0;
  });
}

export interface Requantization {
  readonly multiplier: Int32Array;
  /** Right shifts less one, or, where wide, right shifts. */
  readonly shift: Int8Array;
  /** Some accumulator may reach 2³⁰ or some channel does not shift right: the short sequence is not exact. */
  readonly wide: boolean;
  /** The graph rounds once: multipliers are the bits of float32 numbers, and shifts are 0. */
  readonly once: boolean;
  readonly fixedPoint: FixedPoint;
}

/** The fields of a kernel's struct that say by which arithmetic it requantizes. */
export function roundingParameters({
  wide,
  once,
  fixedPoint: fixed,
}: Requantization): Record<string, number> {
  return { wide: wide ? 1 : 0, ...(once ? onceParameters(fixed) : {}) };
}

export function onceParameters({ exponent, shift }: FixedPoint): Record<string, number> {
  return { once: 1, once_exponent: exponent, once_shift: shift };
}

/** How integers multiply by float32 multipliers (round_once.h); an exponent of 0: not at all. */
export interface FixedPoint {
  /** All biased exponents of the multipliers are from this one to 7 more. */
  readonly exponent: number;
  /** All accumulators may be shifted so far to the left. */
  readonly shift: number;
}

const leastFraction = 10;

/** Multipliers are given by their bits. */
function fixedPoint(multipliers: Int32Array, bounds: readonly number[]): FixedPoint {
  const none = { exponent: 0, shift: 0 };
  const exponents = multipliers.map((bits) => bits >> 23);
  const exponent = Math.max(...exponents) - 7;
  if (exponent < 1 || Math.min(...exponents) < exponent) return none;
  const largest = Math.max(
    ...bounds.map((bound, at) => (bound + 1) * Math.abs(floatOfBits(multipliers[at] as number))),
  );
  for (let shift = 20; shift >= 0; shift -= 1) {
    const point = 118 - exponent + shift;
    const fits =
      (Math.max(...bounds) + 1) * 2 ** shift < 2 ** 31 && (largest + 1) * 2 ** point < 2 ** 31 && point < 30;
    if (fits) return point < leastFraction ? none : { exponent, shift };
  }
  return none;
}

/** The requantization table of each channel, and whether the short sequence is proven for every int8 input. */
export function requantization(
  multipliers: readonly FixedPointMultiplier[],
  weights: ArrayLike<number>,
  bias: Int32Array,
): Requantization {
  if (multipliers.some(({ once }) => once !== undefined)) {
    const multiplier = Int32Array.from(multipliers, ({ once }) => floatBits(once ?? 0));
    const fixed = fixedPoint(multiplier, accumulatorBounds(weights, bias));
    return {
      multiplier,
      shift: new Int8Array(multipliers.length),
      wide: false,
      once: true,
      fixedPoint: fixed,
    };
  }
  const largest = Math.max(...accumulatorBounds(weights, bias));
  const wide = largest >= 2 ** 30 || multipliers.some(({ shift }) => shift > -1);
  return {
    multiplier: Int32Array.from(multipliers, ({ multiplier }) => multiplier),
    shift: Int8Array.from(multipliers, ({ shift }) => (wide ? -shift : -shift - 1)),
    wide,
    once: false,
    fixedPoint: { exponent: 0, shift: 0 },
  };
}

/** The largest absolute accumulator of each channel over all int8 inputs; weights [channels][size]. */
export function accumulatorBounds(weights: ArrayLike<number>, bias: Int32Array): number[] {
  const size = weights.length / bias.length;
  return Array.from(bias, (value, channel) => {
    let sum = Math.abs(value);
    for (let i = 0; i < size; i += 1) sum += 128 * Math.abs(weights[channel * size + i] as number);
    return Math.min(sum, 2 ** 31 - 1);
  });
}

/** The table as Helium shifts, to the left, and what it needs by channel, filled up with zeros to whole groups. */
export function heliumTable(
  bias: Int32Array,
  table: Requantization,
  group: number,
): { readonly bias: Int32Array; readonly table: Requantization } {
  const count = Math.ceil(bias.length / group) * group;
  const filled = <T extends Int32Array | Int8Array>(into: T, values: ArrayLike<number>): T => {
    into.set(values);
    return into;
  };
  return {
    bias: filled(new Int32Array(count), bias),
    table: {
      multiplier: filled(new Int32Array(count), table.multiplier),
      shift: filled(
        new Int8Array(count).fill(-1),
        table.shift.map((shift) => (table.wide ? -shift : -shift - 1)),
      ),
      wide: table.wide,
      once: table.once,
      fixedPoint: table.fixedPoint,
    },
  };
}

/** Values of a constant int8 tensor, which `check` has found to be there. */
export function weightsOf(tensor: Tensor): Int8Array {
  if (tensor.data === null) throw new TypeError(`tensor ${tensor.index} is not constant`);
  return typedArray('int8', tensor.data) as Int8Array;
}

/** A convolution's constants, and the arguments by which its kernel takes them, in order. */
export interface ConvolutionConstants {
  readonly constants: readonly Constant[];
  readonly arguments: readonly Argument[];
}

/**
 * Weights, and what each output channel needs besides. Kernels that compute `group` channels at a time read it from one
 * stream of words: for each group the biases, the multipliers, and the shifts in the bytes of words; then bias,
 * multiplier and shift of each channel left over. Without groups they are arrays of their own.
 */
export function convolutionConstants(
  weights: Int8Array,
  bias: Int32Array,
  { multiplier, shift }: Requantization,
  group?: number,
): ConvolutionConstants {
  const ofWeights: Constant = { name: 'weights', role: 'weights', type: 'int8', values: weights };
  const constants: readonly Constant[] =
    group === undefined
      ? [
          ofWeights,
          { name: 'bias', role: 'weights', type: 'int32', values: bias },
          { name: 'multiplier', role: 'table', type: 'int32', values: multiplier },
          { name: 'shift', role: 'table', type: 'int8', values: shift },
        ]
      : [
          ofWeights,
          {
            name: 'channels',
            role: 'table',
            type: 'int32',
            values: channelStream(bias, multiplier, shift, group),
          },
        ];
  return { constants, arguments: constants.map(({ name }) => ({ is: 'constant', name })) };
}

function channelStream(
  bias: Int32Array,
  multiplier: Int32Array,
  shift: Int8Array,
  group: number,
): Int32Array {
  const whole = bias.length - (bias.length % group);
  const words: number[] = [];
  for (let first = 0; first < whole; first += group) {
    words.push(...bias.subarray(first, first + group), ...multiplier.subarray(first, first + group));
    for (let word = first; word < first + group; word += 4)
      words.push(
        shift
          .subarray(word, Math.min(word + 4, first + group))
          .reduce((bytes, value, at) => bytes | ((value & 0xff) << (8 * at)), 0),
      );
  }
  for (let channel = whole; channel < bias.length; channel += 1)
    words.push(bias[channel] as number, multiplier[channel] as number, shift[channel] as number);
  return Int32Array.from(words);
}
