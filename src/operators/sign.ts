import { realFunction } from './real_function.ts';

/** −1, 0 or 1. */
export const sign = realFunction<null>({ kind: 'SIGN', code: 158, of: () => Math.sign });
