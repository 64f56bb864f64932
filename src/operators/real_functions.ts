import { ceil } from './ceil.ts';
import { elu } from './elu.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { exponentialUnit } from './exponential_unit.ts';
import { floor } from './floor.ts';
import { gelu } from './gelu.ts';
import { log } from './log.ts';
import { mish } from './mish.ts';
import type { FunctionOperator } from './real_function.ts';
import { reciprocal } from './reciprocal.ts';
import { round } from './round.ts';
import { sign } from './sign.ts';
import { softplus } from './softplus.ts';
import { softsign } from './softsign.ts';
import { sqrt } from './sqrt.ts';
import { square } from './square.ts';
import { thresholdedRelu } from './thresholded_relu.ts';

/** Functions of one real number, each in all arithmetics that a table or a float32 kernel can do. */
export const realFunctions: readonly FunctionOperator[] = [
  ceil,
  elu,
  erf,
  exp,
  exponentialUnit,
  floor,
  gelu,
  log,
  mish,
  reciprocal,
  round,
  sign,
  softplus,
  softsign,
  sqrt,
  square,
  thresholdedRelu,
];
