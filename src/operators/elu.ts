import { realFunction } from './real_function.ts';

/** x, or e^x − 1 below zero. */
export const elu = realFunction<null>({
  kind: 'ELU',
  code: 111,
  of: () => (x) => (x < 0 ? Math.expm1(x) : x),
});
