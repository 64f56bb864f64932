import { convolutionWalk, type SlidingWindow } from '../convolution.ts';
import type { Walk, WalkStep } from '../operator.ts';
import type { Tile } from './constants.ts';

const floatBytes = 4;

/**
 * The order in which the float kernels go through input and output, in bytes: whole tiles of pixels where none of their
 * filters reaches over an edge to the left or right, else pixel by pixel. undefined for several batches.
 */
export function floatWalk(
  window: SlidingWindow,
  { pixels }: Pick<Tile, 'pixels'>,
  withinStep: Walk['withinStep'] = 'any',
): Walk | undefined {
  const walk = convolutionWalk(window, 1, withinStep);
  if (walk === undefined) return undefined;
  const { outputHeight, outputWidth } = window;
  const widths = rowTiles(window, pixels);
  const steps: WalkStep[] = [];
  for (let y = 0; y < outputHeight; y++) {
    let first = y * outputWidth;
    for (const width of widths) {
      steps.push(joined(walk.steps.slice(first, first + width)));
      first += width;
    }
  }
  return { ...walk, steps };
}

/** The pixels of each step of a row, as `row_tiles` of the kernels has them. */
function rowTiles(window: SlidingWindow, pixels: number): number[] {
  const { inputWidth, outputWidth, filterWidth, strideWidth, dilationWidth, paddingLeft } = window;
  const left = Math.ceil(paddingLeft / strideWidth);
  const reach = inputWidth - 1 - (filterWidth - 1) * dilationWidth + paddingLeft;
  const end = Math.min(outputWidth, reach < 0 ? 0 : Math.floor(reach / strideWidth) + 1);
  const tiles = pixels > 1 && end > left ? Math.floor((end - left) / pixels) : 0;
  const items = outputWidth - tiles * (pixels - 1);
  return Array.from({ length: items }, (_, item) => (item >= left && item < left + tiles ? pixels : 1));
}

function joined(steps: readonly WalkStep[]): WalkStep {
  return {
    readFrom: floatBytes * Math.min(...steps.map(({ readFrom }) => readFrom)),
    readTo: floatBytes * Math.max(...steps.map(({ readTo }) => readTo)),
    writeFrom: floatBytes * Math.min(...steps.map(({ writeFrom }) => writeFrom)),
    writeTo: floatBytes * Math.max(...steps.map(({ writeTo }) => writeTo)),
  };
}
