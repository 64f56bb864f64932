import type { SlidingWindow } from './convolution.ts';
import type { Constant, Walk, WalkStep } from './operator.ts';
import { pairedBlocks } from './wide_convolution.ts';

/** Winograd's minimal filtering F(2×2, 3×3) in whole numbers (`winograd_dsp.h`): where it applies, and its constants. */

const tileRows = 2;
const positions = 16;

/** 3×3 with stride 1, whole blocks of four input channels, whole pairs of output channels. */
export function canWinograd(window: SlidingWindow): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = window;
  return (
    window.batches === 1 &&
    filterHeight === 3 &&
    filterWidth === 3 &&
    Math.max(strideHeight, strideWidth, dilationHeight, dilationWidth) === 1 &&
    window.inputChannels % 4 === 0 &&
    window.outputChannels % 2 === 0
  );
}

/** Twice G: rows of the transform of a filter's column. */
const doubledG = [
  [2, 0, 0],
  [1, 1, 1],
  [1, -1, 1],
  [0, 0, 2],
] as const;

/** Weights [O][3][3][C] → for each pair of channels, each of 16 positions, blocks of four inputs: (2G) g (2G)ᵀ. At most 9 × 128, so half-words hold them. */
export function winogradWeights(weights: Int8Array, inputChannels: number, outputChannels: number): Constant {
  const at = (output: number, y: number, x: number, input: number): number =>
    weights[((output * 3 + y) * 3 + x) * inputChannels + input] as number;
  const transformed = Array.from({ length: positions }, (_, position) => {
    const [vertical, horizontal] = [doubledG[position >> 2] ?? [], doubledG[position & 3] ?? []];
    return Int16Array.from({ length: outputChannels * inputChannels }, (_, index) => {
      let sum = 0;
      for (const [y, down] of vertical.entries())
        for (const [x, across] of horizontal.entries())
          sum += down * across * at(Math.floor(index / inputChannels), y, x, index % inputChannels);
      return sum;
    });
  });
  const values: number[] = [];
  for (let first = 0; first < outputChannels; first += 2)
    for (const position of transformed)
      values.push(...pairedBlocks(position, { channels: outputChannels, first }));
  return { name: 'weights', role: 'weights', type: 'int16', values: Int16Array.from(values) };
}

/** Transformed inputs of two tiles with their sums, then four rows of six pixels. */
export function winogradScratch(inputChannels: number): number {
  return positions * (4 * inputChannels + 16) + 4 * 6 * inputChannels;
}

/** Two rows of outputs at a time, from the four rows of inputs that they reach. */
export function winogradWalk(window: SlidingWindow): Walk {
  const { inputHeight, inputWidth, inputChannels, outputHeight, outputWidth, outputChannels } = window;
  const inputRow = inputWidth * inputChannels;
  const outputRow = outputWidth * outputChannels;
  const steps: WalkStep[] = [];
  for (let y = 0; y < outputHeight; y += tileRows) {
    const top = y - window.paddingTop;
    steps.push({
      readFrom: Math.max(0, top) * inputRow,
      readTo: Math.min(inputHeight, top + 4) * inputRow,
      writeFrom: y * outputRow,
      writeTo: Math.min(outputHeight, y + tileRows) * outputRow,
    });
  }
  return { input: 0, steps, withinStep: 'any', reversible: false };
}
