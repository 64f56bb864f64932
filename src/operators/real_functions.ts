import { ceil } from './ceil.ts';
import { elu } from './elu.ts';
import { exp } from './exp.ts';
import { floor } from './floor.ts';
import { gelu } from './gelu.ts';
import { log } from './log.ts';
import type { FunctionOperator } from './real_function.ts';
import { round } from './round.ts';
import { sqrt } from './sqrt.ts';
import { square } from './square.ts';

/** Functions of one real number, each in all arithmetics that a table or a float32 kernel can do. */
export const realFunctions: readonly FunctionOperator[] = [
  ceil,
  elu,
  exp,
  floor,
  gelu,
  log,
  round,
  sqrt,
  square,
];
