import type { DepthwiseConv2dGeometry } from './depthwise_conv_2d.ts';
import type { Constant } from './operator.ts';
import type { Scale } from './wide_convolution.ts';

/** DEPTHWISE_CONV_2D by planes of half-words (`depthwise_conv_2d_planes_dsp.h`): where it applies, its layout, its constants. */

export interface PlaneLayout {
  /** Lines are columns: the outputs of a line lie one below the other. */
  readonly transposed: boolean;
  /** Of one channel's line, a multiple of 4. */
  readonly rowBytes: number;
  readonly outputStepBytes: number;
  readonly scratchBytes: number;
}

/** What the kernel's inner loop addresses with a constant offset. */
const longestRow = 124;
const longestStep = 2000;
const channelsAtOnce = 4;

/** Instructions of the inner loop for each pair of outputs, and around it for each line, roughly; as measured. */
const pairCost = 30;
const lineCost = 20;
const oddCost = 30;

/** The cheaper of both directions of the lines, or null where the kernel does not apply. */
export function planeLayout(geometry: DepthwiseConv2dGeometry): PlaneLayout | null {
  const { batches, depthMultiplier, filterHeight, filterWidth, dilationHeight, dilationWidth } = geometry;
  const is3x3 = filterHeight === 3 && filterWidth === 3 && dilationHeight === 1 && dilationWidth === 1;
  if (!is3x3 || batches !== 1 || depthMultiplier !== 1) return null;
  const layouts = [false, true].flatMap((transposed) => {
    const { outputHeight, outputWidth, outputChannels, strideHeight, strideWidth } = geometry;
    const [lines, length] = transposed ? [outputWidth, outputHeight] : [outputHeight, outputWidth];
    const [lineStride, stride] = transposed ? [strideWidth, strideHeight] : [strideHeight, strideWidth];
    // A pair of outputs reads whole words.
    const columns = (length - 1) * stride + 3;
    const rowBytes = Math.ceil((columns + (stride === 1 ? 1 : 0)) / 2) * 4;
    const outputStepBytes = transposed ? outputWidth * outputChannels : outputChannels;
    if (stride > 2 || rowBytes > longestRow || outputStepBytes > longestStep) return [];
    return {
      transposed,
      rowBytes,
      outputStepBytes,
      scratchBytes: ((lines - 1) * lineStride + 3) * channelsAtOnce * rowBytes,
      cost: lines * (Math.floor(length / 2) * pairCost + (length % 2) * oddCost + lineCost),
    };
  });
  const [best] = layouts.toSorted((a, b) => a.cost - b.cost);
  if (best === undefined) return null;
  const { cost: _, ...layout } = best;
  return layout;
}

/** Weights [channels][9] as half-words, doubled: for each line of the filter taps (0, 1) and (1, 2). */
export function planeWeights(weights: Int8Array, transposed: boolean): Constant {
  const words: number[] = [];
  for (let from = 0; from < weights.length; from += 9)
    for (let line = 0; line < 3; line += 1) {
      const [first, second, third] = [0, 1, 2].map(
        (tap) => 2 * (weights[from + (transposed ? 3 * tap + line : 3 * line + tap)] as number),
      ) as [number, number, number];
      for (const [low, high] of [
        [first, second],
        [second, third],
      ] as const)
        words.push((low & 0xffff) | (high << 16));
    }
  return { name: 'weights', role: 'weights', type: 'int32', values: Int32Array.from(words) };
}

/** For each channel the doubled bias, multiplier, rounding and shift. */
export function channelScales(bias: Int32Array, scales: readonly Scale[]): Constant {
  const words = scales.flatMap(({ multiplier, rounding, shift }, channel) => [
    2 * (bias[channel] as number),
    multiplier,
    rounding,
    shift,
  ]);
  return { name: 'channels', role: 'table', type: 'int32', values: Int32Array.from(words) };
}
