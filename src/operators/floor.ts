import { realFunction } from './real_function.ts';

export const floor = realFunction<null>({ kind: 'FLOOR', code: 8, of: () => Math.floor });
