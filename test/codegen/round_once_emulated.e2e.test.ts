import { test } from 'node:test';
import { requireExactOnCore } from './emulated_graphs.ts';
import { graphOf } from './one_operator.ts';
import { roundingOnce } from './rounding_once.ts';

/** Kernels of graphs that round once, on emulated cores: what is assembly there runs nowhere else. */

const graphs = roundingOnce.map(graphOf);

for (const [core, optimize] of [
  ['cortex-m0plus', 'balanced'],
  ['cortex-m3', 'balanced'],
  ['cortex-m4f', 'balanced'],
  ['cortex-m4f', 'speed'],
  ['cortex-m55', 'balanced'],
] as const)
  test(`graphs that round once are bit-exact on an emulated ${core}, ${optimize}`, (t) =>
    requireExactOnCore(t, graphs, core, optimize));
