import type { Kind } from '../cycles/thumb.ts';

/** Cycles, fewest and most. Where the source gives one number both are it. */
export type Range = readonly [low: number, high: number];

/**
 * What each kind of instruction takes with memory that answers at once: no wait states, no caches, no other bus
 * master. Nothing in here is fitted to a measurement of ours.
 */
export interface Timing {
  /** Where the numbers are from, for the report. */
  readonly source: string;
  /** Added to a branch that is taken. */
  readonly refill: Range;
  /** `load-multiple` and the like: without their registers. What is not named takes `other`. */
  readonly cycles: Readonly<Partial<Record<Kind, Range>>>;
  readonly other: Range;
  /** For each register of a load or store multiple. */
  readonly perRegister: Range;
  /** A load right behind a load takes one cycle less (DDI 0439, load/store timings), where its address does not wait for it. */
  readonly loadsOverlap: boolean;
  /** A store to register plus register takes one cycle more than one to register plus constant. */
  readonly indexedStore: Range;
  /** A PC-relative load may have to wait for the fetch unit. */
  readonly literal: Range;
}

const none: Range = [0, 0];
const one: Range = [1, 1];
const two: Range = [2, 2];

/** Cortex-M0 technical reference manual DDI 0432, table 3-1, and Cortex-M0+ DDI 0484, table 3-1, with the multiplier of one cycle that every part named here has. */
function armv6M(source: string, refill: number, linked: number): Timing {
  return {
    source,
    refill: [refill, refill],
    cycles: {
      load: two,
      store: two,
      'load-multiple': one,
      'store-multiple': one,
      call: [linked, linked],
      special: [3, 4],
    },
    other: one,
    perRegister: one,
    loadsOverlap: false,
    indexedStore: none,
    literal: none,
  };
}

/** Cortex-M4 technical reference manual 100166, table 3-1 and its load/store timings; FPU instruction table. */
const armv7M = {
  'load-double': [3, 3],
  'load-multiple': one,
  'load-pc': two,
  load: two,
  store: one,
  'store-double': [3, 3],
  'store-multiple': one,
  'table-branch': two,
  divide: [2, 12],
  // Folded into the instruction before it where that is 16 bits long.
  it: [0, 1],
  special: [1, 2],
  'float-multiply-accumulate': [3, 3],
  'float-divide': [14, 14],
  'float-load': one,
  'float-store': one,
} as const satisfies Timing['cycles'];

const cortexM4: Timing = {
  source: 'Cortex-M4 technical reference manual, table 3-1',
  refill: [1, 3],
  cycles: armv7M,
  other: one,
  perRegister: one,
  loadsOverlap: true,
  indexedStore: [0, 1],
  literal: [0, 1],
};

export const timings = {
  'cortex-m0': armv6M('Cortex-M0 technical reference manual, table 3-1 (single-cycle multiplier)', 2, 2),
  'cortex-m0plus': armv6M('Cortex-M0+ technical reference manual, table 3-1 (single-cycle multiplier)', 1, 2),
  'cortex-m3': {
    ...cortexM4,
    source: 'Cortex-M3 technical reference manual, table 3-1',
    cycles: {
      ...armv7M,
      'multiply-accumulate': two,
      'multiply-long': [3, 5],
      'multiply-accumulate-long': [4, 7],
    },
  },
  'cortex-m4': cortexM4,
  /** Two instructions at once at best; never slower than a Cortex-M4 with the same memory. */
  'cortex-m7': {
    ...cortexM4,
    source: 'no table of Arm: bounds, two instructions in each cycle and the worst of the Cortex-M4',
    refill: [0, 3],
    cycles: {
      load: [0.5, 2],
      'load-multiple': [0.5, 1],
      'load-double': [1, 3],
      'load-pc': [1, 2],
      store: [0.5, 1],
      'store-multiple': [0.5, 1],
      'store-double': [1, 3],
      'table-branch': [1, 2],
      divide: [2, 12],
      it: [0, 1],
      special: [1, 2],
      'float-multiply-accumulate': [0.5, 3],
      'float-divide': [14, 14],
      'float-load': [0.5, 1],
      'float-store': [0.5, 1],
    },
    other: [0.5, 1],
    perRegister: [0.5, 1],
    loadsOverlap: false,
  },
  /** Loads take a cycle unless the next instruction needs them; load and store multiple one for each register (measured on an RP2350 by jnk0le/random). */
  'cortex-m33': {
    ...cortexM4,
    source: 'no table of Arm: bounds from measurements on an RP2350 (jnk0le/random)',
    refill: [0, 3],
    cycles: {
      ...armv7M,
      load: [1, 2],
      'load-double': [2, 3],
      'store-double': [2, 3],
      'load-multiple': [0, 1],
      'store-multiple': [0, 1],
      multiply: [1, 2],
      'multiply-accumulate': [1, 2],
      'multiply-long': [1, 2],
      'multiply-accumulate-long': [1, 2],
      'multiply-dsp': [1, 2],
    },
    loadsOverlap: false,
  },
} as const satisfies Readonly<Record<string, Timing>>;

export type TimingName = keyof typeof timings;
