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

export const maxPool2d = defineOperator<PoolOptions>({
  kind: 'MAX_POOL_2D',
  code: 17,
  supports: 'int8 input and output of the same scale',
  readOptions: readPoolOptions,
  check: checkPool,

  reference(node, inputs): TypedArray[] {
    const x = inputs[0] as Int8Array;
    const range = activationRange(node, node.options.activation, outputOf(node));
    const largest = (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => {
      let max = -128;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          max = Math.max(max, x[first + row * rowStep + column * columnStep] as number);
      return clamp(max, range.min, range.max);
    };
    return [poolWindows(poolGeometry(node), largest)];
  },

  lower(node) {
    return lowerPool(node, 'max_pool_2d');
  },
});
