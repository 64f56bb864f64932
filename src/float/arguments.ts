import { argumentAxis } from '../operators/argument.ts';
import { defineFloat, type FloatOperator } from './operator.ts';

/** Positions as whole numbers; of equal elements the first one. */
function argument(kind: 'ARG_MAX' | 'ARG_MIN', isBetter: (a: number, b: number) => boolean): FloatOperator {
  return defineFloat({
    kind,
    prepare(node) {
      const { outer, extent, inner } = argumentAxis(node);
      return ([x]) => {
        const values = x as Float32Array;
        const at = (row: number, position: number, column: number) =>
          values[(row * extent + position) * inner + column] as number;
        return [
          Float32Array.from({ length: outer * inner }, (_, index) => {
            const [row, column] = [Math.floor(index / inner), index % inner];
            let best = 0;
            for (let position = 1; position < extent; position += 1)
              if (isBetter(at(row, position, column), at(row, best, column))) best = position;
            return best;
          }),
        ];
      };
    },
  });
}

export const positions: readonly FloatOperator[] = [
  argument('ARG_MAX', (a, b) => a > b),
  argument('ARG_MIN', (a, b) => a < b),
];
