import { elementCount } from '../graph/graph.ts';
import { outputOf } from '../operators/operator.ts';
import { reducedIndices, reduceGeometry } from '../operators/reduction.ts';
import { defineFloat, type FloatOperator } from './operator.ts';

interface Reduction {
  readonly start: number;
  readonly join: (joined: number, value: number) => number;
  readonly finish: (joined: number, count: number) => number;
}

const asIs = (joined: number): number => joined;

function reduction(kind: string, { start, join, finish }: Reduction): FloatOperator {
  return defineFloat({
    kind,
    prepare(node) {
      const indices = reducedIndices(node);
      const { count } = reduceGeometry(node);
      const length = elementCount(outputOf(node).shape);
      return ([input]) => {
        const x = input as Float32Array;
        const joined = new Float64Array(length).fill(start);
        for (let at = 0; at < x.length; at++) {
          const to = indices[at] as number;
          joined[to] = join(joined[to] as number, x[at] as number);
        }
        return [Float32Array.from(joined, (value) => finish(value, count))];
      };
    },
  });
}

export const reductions: readonly FloatOperator[] = [
  reduction('MEAN', { start: 0, join: (a, b) => a + b, finish: (sum, count) => sum / count }),
  reduction('SUM', { start: 0, join: (a, b) => a + b, finish: asIs }),
  reduction('REDUCE_MAX', { start: -Infinity, join: Math.max, finish: asIs }),
  reduction('REDUCE_MIN', { start: Infinity, join: Math.min, finish: asIs }),
];
