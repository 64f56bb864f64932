import { realFunction } from './real_function.ts';

export const square = realFunction<null>({ kind: 'SQUARE', code: 92, of: () => (x) => x * x });
