import { realFunction } from './real_function.ts';

export const ceil = realFunction<null>({ kind: 'CEIL', code: 104, of: () => Math.ceil });
