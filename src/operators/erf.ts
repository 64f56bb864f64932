import { errorFunction } from './error_function.ts';
import { realFunction } from './real_function.ts';

/** The error function. No operator of TFLite; ONNX's Erf. */
export const erf = realFunction<null>({ kind: 'ERF', code: -1, of: () => errorFunction });
