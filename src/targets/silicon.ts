import { type Range, type TimingName, timings } from './timing.ts';

/**
 * How far such estimates are from silicon. Nobody has published what our code takes on a board, so the same timing is
 * applied to what others run on it: the instructions of the four MLPerf Tiny networks with CMSIS-NN, counted in QEMU
 * (TensorFlow Lite Micro 90b983c2, CMSIS-NN 4ab83cc3, gcc 12.2), against the cycles that MLPerf Tiny publishes for
 * engines on CMSIS-NN. Versions and flags are not the same, and silicon has flash wait states: the error holds both.
 */

/** Counted for a Cortex-M4F; shares of all instructions. Loads and stores hold the multiple ones. */
const counted = {
  kws: { instructions: 7_697_868, load: 0.212, store: 0.029, branch: 0.057, multiply: 0.195 },
  vww: { instructions: 24_101_936, load: 0.212, store: 0.032, branch: 0.061, multiply: 0.18 },
  resnet: { instructions: 29_864_119, load: 0.247, store: 0.054, branch: 0.059, multiply: 0.215 },
  ad: { instructions: 582_970, load: 0.216, store: 0.011, branch: 0.028, multiply: 0.23 },
} as const;

type Network = keyof typeof counted;

export interface Published {
  readonly part: string;
  readonly engine: string;
  /** 10^6 cycles of one inference: milliseconds × MHz. */
  readonly megacycles: Readonly<Partial<Record<Network, number>>>;
}

/** MLPerf Tiny closed division. ONNC's VWW is left out: it has lost the weights that are zero, so it runs another network. */
export const published: Readonly<Partial<Record<TimingName, readonly Published[]>>> = {
  'cortex-m4': [
    {
      part: 'STM32L4R5, 120 MHz',
      engine: 'Skymizer ONNC + CMSIS-NN, mbed, v1.1',
      megacycles: { resnet: 35.84, kws: 9.84, ad: 0.97 },
    },
    {
      part: 'STM32L4R5, 120 MHz',
      engine: 'Skymizer ONNC + CMSIS-NN, Zephyr, v1.1',
      megacycles: { resnet: 35.59, kws: 11.24, ad: 0.96 },
    },
    {
      part: 'STM32L4R5, 120 MHz',
      engine: 'OctoML microTVM + CMSIS-NN, v1.0',
      megacycles: { vww: 36.14, resnet: 46.75, kws: 11.98, ad: 1.03 },
    },
  ],
  'cortex-m33': [
    {
      part: 'RA6M4, 200 MHz',
      engine: 'Renesas TFLM + CMSIS-NN, v0.7',
      megacycles: { vww: 32.47, resnet: 49.24, kws: 10.11, ad: 0.92 },
    },
    {
      part: 'nRF5340, 128 MHz',
      engine: 'OctoML microTVM + CMSIS-NN, v1.0',
      megacycles: { vww: 29.7, resnet: 40.47, kws: 9.74, ad: 0.8 },
    },
  ],
};

export interface Comparison extends Omit<Published, 'megacycles'> {
  readonly network: Network;
  /** 10^6 cycles */
  readonly estimate: number;
  readonly silicon: number;
  /** Percent that the estimate is above silicon. */
  readonly error: number;
}

export function comparisons(name: TimingName): Comparison[] {
  return (published[name] ?? []).flatMap(({ part, engine, megacycles }) =>
    (Object.keys(counted) as Network[]).flatMap((network) => {
      const silicon = megacycles[network];
      if (silicon === undefined) return [];
      const estimate = estimateOf(name, network) / 1e6;
      return [{ part, engine, network, estimate, silicon, error: 100 * (estimate / silicon - 1) }];
    }),
  );
}

/** Percent: the lowest and the highest over all comparisons; null where nothing can be compared. */
export function siliconError(
  name: TimingName,
): { readonly lowest: number; readonly highest: number; readonly against: string } | null {
  const all = comparisons(name);
  if (all.length === 0) return null;
  const errors = all.map(({ error }) => Math.round(error));
  const parts = [...new Set(all.map(({ part }) => part))];
  return {
    lowest: Math.min(...errors),
    highest: Math.max(...errors),
    against: `MLPerf Tiny results of CMSIS-NN engines on ${parts.join(' and ')}`,
  };
}

/** The shares do not say which loads overlap nor which branches are taken: the middle of either. */
function estimateOf(name: TimingName, network: Network): number {
  const { cycles, other, loadsOverlap, refill } = timings[name] as (typeof timings)['cortex-m4'];
  const { instructions, load, store, branch, multiply } = counted[network];
  const of = (kind: 'load' | 'store' | 'multiply-dsp'): Range =>
    (cycles as Partial<Record<string, Range>>)[kind] ?? other;
  const loads: Range = [loadsOverlap ? 1 : of('load')[0], of('load')[1]];
  const branches: Range = [other[0], other[1] + refill[1]];
  const rest = 1 - load - store - branch - multiply;
  const centre = ([low, high]: Range): number => (low + high) / 2;
  return (
    instructions *
    (load * centre(loads) +
      store * centre(of('store')) +
      branch * centre(branches) +
      multiply * centre(of('multiply-dsp')) +
      rest * centre(other))
  );
}
