import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import { clamp } from '../fixed_point.ts';
import { inputOf, type Node, outputOf } from '../operator.ts';
import { checkPoolOf, lowerPool, type PoolOptions, poolGeometry, poolWindowsInto } from '../pooling.ts';
import { invalid } from '../requirements.ts';
import { int16Min, requireInt16 } from './tensors.ts';

const supports = 'int16 input and output of the same scale';

function check(node: Node<PoolOptions>): void {
  checkPoolOf(node, requireInt16);
  const { filterHeight, filterWidth } = node.options;
  if (filterHeight * filterWidth > 32767)
    throw invalid(
      node,
      `a window of ${filterHeight} × ${filterWidth} may overflow its sum`,
      inputOf(node, 0),
    );
}

const create = (count: number) => new Int16Array(count);

export const maxPool2dInt16 = defineForm<PoolOptions>({
  supports,
  check,
  reference(node, inputs) {
    const x = inputs[0] as Int16Array;
    const range = activationRange(node, node.options.activation, outputOf(node));
    const largest = (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => {
      let max = int16Min;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          max = Math.max(max, x[first + row * rowStep + column * columnStep] as number);
      return clamp(max, range.min, range.max);
    };
    return [poolWindowsInto(create, poolGeometry(node), largest)];
  },
  lower: (node) => lowerPool(node, 'max_pool_2d_int16'),
});

export const averagePool2dInt16 = defineForm<PoolOptions>({
  supports,
  check,
  reference(node, inputs) {
    const x = inputs[0] as Int16Array;
    const range = activationRange(node, node.options.activation, outputOf(node));
    const average = (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => {
      let sum = 0;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          sum += x[first + row * rowStep + column * columnStep] as number;
      // Padding does not count; halves round away from zero.
      const count = rows * columns;
      const half = Math.trunc(count / 2);
      return clamp(Math.trunc((sum > 0 ? sum + half : sum - half) / count), range.min, range.max);
    };
    return [poolWindowsInto(create, poolGeometry(node), average)];
  },
  lower: (node) => lowerPool(node, 'average_pool_2d_int16'),
});
