import { errorFunction } from './error_function.ts';
import { realFunction } from './real_function.ts';

export interface GeluOptions {
  /** By the hyperbolic tangent. */
  readonly approximate: boolean;
}

/** x times the normal distribution's probability of less than x (Hendrycks, Gimpel: Gaussian Error Linear Units). */
export const gelu = realFunction<GeluOptions>({
  kind: 'GELU',
  code: 150,
  readOptions: (options) => ({ approximate: options.bool(0) }),
  of: ({ approximate }) =>
    approximate
      ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : (x) => 0.5 * x * (1 + errorFunction(x * Math.SQRT1_2)),
});
