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
  const steps: WalkStep[] = [];
  for (let y = 0; y < outputHeight; y++)
    for (let x = 0; x < outputWidth; ) {
      const count = isTile(window, x, pixels) ? pixels : 1;
      steps.push(joined(walk.steps.slice(y * outputWidth + x, y * outputWidth + x + count)));
      x += count;
    }
  return { ...walk, steps, reversible: false };
}

/** As in convolve_float32. */
function isTile(window: SlidingWindow, x: number, pixels: number): boolean {
  const { inputWidth, outputWidth, filterWidth, strideWidth, dilationWidth, paddingLeft } = window;
  const first = x * strideWidth - paddingLeft;
  const last = first + (pixels - 1) * strideWidth + (filterWidth - 1) * dilationWidth;
  return x + pixels <= outputWidth && first >= 0 && last < inputWidth;
}

function joined(steps: readonly WalkStep[]): WalkStep {
  return {
    readFrom: floatBytes * Math.min(...steps.map(({ readFrom }) => readFrom)),
    readTo: floatBytes * Math.max(...steps.map(({ readTo }) => readTo)),
    writeFrom: floatBytes * Math.min(...steps.map(({ writeFrom }) => writeFrom)),
    writeTo: floatBytes * Math.max(...steps.map(({ writeTo }) => writeTo)),
  };
}
