import { realFunction } from './real_function.ts';

export const exp = realFunction<null>({ kind: 'EXP', code: 47, of: () => Math.exp });
