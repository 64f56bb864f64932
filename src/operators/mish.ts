import { realFunction } from './real_function.ts';

/** x tanh(log(1 + eˣ)) (Misra: Mish, a self regularized non-monotonic activation function). No operator of TFLite; ONNX's Mish. */
export const mish = realFunction<null>({
  kind: 'MISH',
  code: -1,
  of: () => (x) => x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
});
