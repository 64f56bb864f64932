import type { Activation } from '../operators/activation.ts';
import { broadcastIndices } from '../operators/broadcast.ts';
import { inputOf, outputOf } from '../operators/operator.ts';
import { defineFloat, elements, type FloatOperator, realRange } from './operator.ts';

/** Two numbers in, one out, with broadcasting and a fused activation where the operator has one. */
function binary(kind: string, f: (a: number, b: number) => number): FloatOperator {
  return defineFloat<{ readonly activation?: Activation } | null>({
    kind,
    prepare(node) {
      const tensors = [inputOf(node, 0), inputOf(node, 1)] as const;
      const fromA = broadcastIndices(tensors[0], outputOf(node));
      const fromB = broadcastIndices(tensors[1], outputOf(node));
      const { low, high } = realRange(node.options?.activation ?? 'none');
      return ([first, second]) => {
        const a = elements(first, tensors[0]);
        const b = elements(second, tensors[1]);
        const result = new Float32Array(fromA.length);
        for (let at = 0; at < result.length; at++) {
          const value = f(a[fromA[at] as number] as number, b[fromB[at] as number] as number);
          result[at] = value < low ? low : value > high ? high : value;
        }
        return [result];
      };
    },
  });
}

export const binaries: readonly FloatOperator[] = [
  binary('ADD', (a, b) => a + b),
  binary('SUB', (a, b) => a - b),
  binary('MUL', (a, b) => a * b),
  binary('DIV', (a, b) => a / b),
  binary('MAXIMUM', Math.max),
  binary('MINIMUM', Math.min),
  binary('SQUARED_DIFFERENCE', (a, b) => (a - b) * (a - b)),
  binary('PRELU', (x, slope) => (x >= 0 ? x : slope * x)),
];
