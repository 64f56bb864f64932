import type { Node } from '../operators/operator.ts';
import { type PoolOptions, poolGeometry } from '../operators/pooling.ts';
import { defineFloat, type FloatKernel, realRange } from './operator.ts';

/** One number for each window and channel; what lies over the edge does not count. */
function poolKernel(
  node: Node<PoolOptions>,
  start: number,
  join: (joined: number, value: number) => number,
  finish: (joined: number, count: number) => number,
): FloatKernel {
  const geometry = poolGeometry(node);
  const { batches, inputHeight, inputWidth, channels, outputHeight, outputWidth } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth, paddingTop, paddingLeft } = geometry;
  const { low, high } = realRange(node.options.activation);
  return ([input]) => {
    const x = input as Float32Array;
    const result = new Float32Array(batches * outputHeight * outputWidth * channels);
    let at = 0;
    for (let batch = 0; batch < batches; batch++)
      for (let outY = 0; outY < outputHeight; outY++) {
        const top = Math.max(0, outY * strideHeight - paddingTop);
        const bottom = Math.min(inputHeight, outY * strideHeight - paddingTop + filterHeight);
        for (let outX = 0; outX < outputWidth; outX++) {
          const left = Math.max(0, outX * strideWidth - paddingLeft);
          const right = Math.min(inputWidth, outX * strideWidth - paddingLeft + filterWidth);
          const count = (bottom - top) * (right - left);
          for (let channel = 0; channel < channels; channel++) {
            let joined = start;
            for (let y = top; y < bottom; y++)
              for (let column = left; column < right; column++)
                joined = join(
                  joined,
                  x[((batch * inputHeight + y) * inputWidth + column) * channels + channel] as number,
                );
            const value = finish(joined, count);
            result[at++] = value < low ? low : value > high ? high : value;
          }
        }
      }
    return [result];
  };
}

export const maxPool2d = defineFloat<PoolOptions>({
  kind: 'MAX_POOL_2D',
  prepare: (node) =>
    poolKernel(
      node,
      -Infinity,
      (a, b) => (a > b ? a : b),
      (max) => max,
    ),
});

export const averagePool2d = defineFloat<PoolOptions>({
  kind: 'AVERAGE_POOL_2D',
  prepare: (node) =>
    poolKernel(
      node,
      0,
      (a, b) => a + b,
      (sum, count) => sum / count,
    ),
});
