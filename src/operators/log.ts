import { realFunction } from './real_function.ts';

export const log = realFunction<null>({ kind: 'LOG', code: 73, of: () => Math.log });
