import { realFunction } from './real_function.ts';

/** 1 ÷ x. No operator of TFLite; ONNX's Reciprocal. */
export const reciprocal = realFunction<null>({ kind: 'RECIPROCAL', code: -1, of: () => (x) => 1 / x });
