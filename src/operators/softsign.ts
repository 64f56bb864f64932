import { realFunction } from './real_function.ts';

/** x ÷ (1 + |x|). No operator of TFLite; ONNX's Softsign. */
export const softsign = realFunction<null>({
  kind: 'SOFTSIGN',
  code: -1,
  of: () => (x) => x / (1 + Math.abs(x)),
});
