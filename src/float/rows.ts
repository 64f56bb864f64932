import { inputOf } from '../operators/operator.ts';
import type { SoftmaxOptions } from '../operators/softmax.ts';
import { defineFloat, type FloatKernel, type FloatOperator } from './operator.ts';

/** What works on vectors along the last dimension. `apply` writes its result into a vector of the same length. */
function byRow(depth: number, apply: (row: Float32Array, result: Float32Array) => void): FloatKernel {
  return ([input]) => {
    const x = input as Float32Array;
    const result = new Float32Array(x.length);
    for (let at = 0; at < x.length; at += depth)
      apply(x.subarray(at, at + depth), result.subarray(at, at + depth));
    return [result];
  };
}

const largest = (row: Float32Array): number => row.reduce((a, b) => (a > b ? a : b), -Infinity);

const softmax = defineFloat<SoftmaxOptions>({
  kind: 'SOFTMAX',
  prepare(node) {
    const { beta } = node.options;
    return byRow(inputOf(node, 0).shape.at(-1) ?? 1, (row, result) => {
      const max = largest(row);
      let sum = 0;
      for (const value of row) sum += Math.exp(beta * (value - max));
      for (const [at, value] of row.entries()) result[at] = Math.exp(beta * (value - max)) / sum;
    });
  },
});

const logSoftmax = defineFloat({
  kind: 'LOG_SOFTMAX',
  prepare: (node) =>
    byRow(inputOf(node, 0).shape.at(-1) ?? 1, (row, result) => {
      const max = largest(row);
      let sum = 0;
      for (const value of row) sum += Math.exp(value - max);
      const logarithm = Math.log(sum);
      for (const [at, value] of row.entries()) result[at] = value - max - logarithm;
    }),
});

const l2Normalization = defineFloat({
  kind: 'L2_NORMALIZATION',
  prepare: (node) =>
    byRow(inputOf(node, 0).shape.at(-1) ?? 1, (row, result) => {
      let sum = 0;
      for (const value of row) sum += value * value;
      // TFLite's float kernel keeps a vector of zeros from dividing by zero.
      const length = Math.max(Math.sqrt(sum), 1e-6);
      for (const [at, value] of row.entries()) result[at] = value / length;
    }),
});

export const rowwise: readonly FloatOperator[] = [softmax, logSoftmax, l2Normalization];
