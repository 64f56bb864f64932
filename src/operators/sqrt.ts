import { realFunction } from './real_function.ts';

export const sqrt = realFunction<null>({ kind: 'SQRT', code: 75, of: () => Math.sqrt });
