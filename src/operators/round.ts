import { realFunction } from './real_function.ts';

/** To the nearest integer, halves to the even one. */
export const round = realFunction<null>({
  kind: 'ROUND',
  code: 116,
  of: () => (x) => {
    const down = Math.floor(x);
    const rest = x - down;
    if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
    return down % 2 === 0 ? down : down + 1;
  },
});
