import { realFunction } from './real_function.ts';

/** log(1 + eˣ), so that eˣ does not overflow. No operator of TFLite; ONNX's Softplus. */
export const softplus = realFunction<null>({
  kind: 'SOFTPLUS',
  code: -1,
  of: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
});
