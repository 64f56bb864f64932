import type { TypedArray } from '../graph/graph.ts';
import { activationRange } from './activation.ts';
import { clamp } from './fixed_point.ts';
import { defineOperator, outputOf } from './operator.ts';
import {
  checkPool,
  lowerPool,
  type PoolOptions,
  poolGeometry,
  poolWindows,
  readPoolOptions,
} from './pooling.ts';

/** So many times −128 fit a half-word. */
const mostInHalfWord = 256;

export const averagePool2d = defineOperator<PoolOptions>({
  kind: 'AVERAGE_POOL_2D',
  code: 1,
  supports: 'int8 input and output of the same scale',
  readOptions: readPoolOptions,
  check: checkPool,

  reference(node, inputs): TypedArray[] {
    const x = inputs[0] as Int8Array;
    const range = activationRange(node, node.options.activation, outputOf(node));
    const average = (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => {
      let sum = 0;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          sum += x[first + row * rowStep + column * columnStep] as number;
      // Padding does not count; halves round away from zero.
      const count = rows * columns;
      const half = Math.trunc(count / 2);
      if (node.options.halvesUp) return clamp(Math.floor((sum + half) / count), range.min, range.max);
      const mean = Math.trunc((sum > 0 ? sum + half : sum - half) / count);
      return clamp(mean, range.min, range.max);
    };
    return [poolWindows(poolGeometry(node), average)];
  },

  lower(node, { features }) {
    if (node.options.halvesUp) return lowerPool(node, 'average_pool_2d_up');
    const { filterHeight, filterWidth, inputHeight, inputWidth } = poolGeometry(node);
    const inputs = Math.min(filterHeight, inputHeight) * Math.min(filterWidth, inputWidth);
    return lowerPool(
      node,
      features.mve && inputs <= mostInHalfWord ? 'average_pool_2d_mve' : 'average_pool_2d',
    );
  },
});
