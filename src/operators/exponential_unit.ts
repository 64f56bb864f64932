import { realFunction } from './real_function.ts';

export interface ExponentialUnitOptions {
  /** Slope above zero. */
  readonly above: number;
  /** What the output falls to, far below zero, negated. */
  readonly below: number;
  /** How fast; above 0. */
  readonly rate: number;
}

/** above × x, or below × (e^(rate × x) − 1) below zero: ELU, SELU and CELU with any parameters. No operator of TFLite. */
export const exponentialUnit = realFunction<ExponentialUnitOptions>({
  kind: 'EXPONENTIAL_UNIT',
  code: -1,
  of: (options) => {
    const [above, below, rate] = [options.above, options.below, options.rate].map(Math.fround) as [
      number,
      number,
      number,
    ];
    return (x) => (x < 0 ? below * Math.expm1(rate * x) : above * x);
  },
});
