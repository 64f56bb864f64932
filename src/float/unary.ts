import type { LeakyReluOptions } from '../operators/leaky_relu.ts';
import { realFunctions } from '../operators/real_functions.ts';
import { defineFloat, type FloatOperator } from './operator.ts';

/** One number in, one number out. */
function unary(kind: string, f: (x: number) => number): FloatOperator {
  return defineFloat({
    kind,
    prepare:
      () =>
      ([input]) => [(input as Float32Array).map(f)],
  });
}

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

const leakyRelu = defineFloat<LeakyReluOptions>({
  kind: 'LEAKY_RELU',
  prepare:
    ({ options: { alpha } }) =>
    ([input]) => [(input as Float32Array).map((x) => (x >= 0 ? x : alpha * x))],
});

/** QUANTIZE and DEQUANTIZE change how a number is written, not the number. */
export const unaries: readonly FloatOperator[] = [
  unary('QUANTIZE', (x) => x),
  unary('DEQUANTIZE', (x) => x),
  unary('RELU', (x) => clamp(x, 0, Infinity)),
  unary('RELU6', (x) => clamp(x, 0, 6)),
  unary('LOGISTIC', (x) => 1 / (1 + Math.exp(-x))),
  unary('TANH', Math.tanh),
  unary('HARD_SWISH', (x) => (x * clamp(x + 3, 0, 6)) / 6),
  unary('ABS', Math.abs),
  unary('NEG', (x) => -x),
  unary('RSQRT', (x) => 1 / Math.sqrt(x)),
  leakyRelu,
  ...realFunctions.map((definition) =>
    defineFloat({
      kind: definition.kind,
      prepare:
        ({ options }) =>
        ([input]) => [(input as Float32Array).map(definition.of(options))],
    }),
  ),
];
