import type { Measurement } from '../measurement.ts';
import type { Metric } from './report.ts';

/** Everything that differs from one metric to the next: a new one is an entry here, and its unit in tinyml.yml. */
export interface MetricEntry {
  /** In running text: `RAM`. */
  readonly name: string;
  /** What a sentence about a budget begins with: `The stack of 344 B is …`. */
  readonly subject: string;
  readonly unit: 'bytes' | 'instructions' | 'cycles' | 'nanojoules' | 'percent';
  readonly better: 'less' | 'more';
  /** What is shown and compared; null where it was not measured. */
  readonly shown: (measurement: Measurement) => number | null;
  /** What a budget holds, where that is not what is shown. */
  readonly budgeted?: (measurement: Measurement) => number | null;
  /** The memory of a part that it takes from. */
  readonly memory?: 'flashBytes' | 'ramBytes';
  /** Parts that it is the sum of, so that a cause can be named. */
  readonly madeOf: 'flash' | 'arena' | 'instructions' | 'cycles' | null;
  /** What to do where it was not measured. */
  readonly hint: string;
}

const doctor = 'see `tinyml-deploy doctor`';
const estimate =
  'it takes QEMU with its counting plugin, and a core or part whose figures are known (docs/cycles.md)';

export const metricTable: Readonly<Record<Metric, MetricEntry>> = {
  flash: {
    name: 'flash',
    subject: 'Flash',
    unit: 'bytes',
    better: 'less',
    shown: ({ flash }) => flash.total,
    memory: 'flashBytes',
    madeOf: 'flash',
    hint: doctor,
  },
  ram: {
    name: 'RAM',
    subject: 'RAM',
    unit: 'bytes',
    better: 'less',
    shown: ({ ram }) => ram.total,
    memory: 'ramBytes',
    madeOf: 'arena',
    hint: doctor,
  },
  stack: {
    name: 'stack',
    subject: 'The stack',
    unit: 'bytes',
    better: 'less',
    shown: ({ ram }) => ram.stack,
    memory: 'ramBytes',
    madeOf: null,
    hint: doctor,
  },
  instructions: {
    name: 'instructions',
    subject: 'The instruction count',
    unit: 'instructions',
    better: 'less',
    shown: ({ instructions }) => instructions?.total ?? null,
    // Of the slowest input that was run: some kernels take longer on some values.
    budgeted: ({ instructions }) => instructions?.max ?? null,
    madeOf: 'instructions',
    hint: doctor,
  },
  cycles: {
    name: 'estimated cycles',
    subject: 'The upper end of estimated cycles',
    unit: 'cycles',
    better: 'less',
    shown: ({ cycles }) => cycles?.estimate ?? null,
    budgeted: ({ cycles }) => cycles?.high ?? null,
    madeOf: 'cycles',
    hint: estimate,
  },
  energy: {
    name: 'estimated energy',
    subject: 'The upper end of estimated energy',
    unit: 'nanojoules',
    better: 'less',
    shown: ({ energy }) => energy?.estimate ?? null,
    budgeted: ({ energy }) => energy?.high ?? null,
    // Cycles in other units.
    madeOf: 'cycles',
    hint: estimate,
  },
  accuracy: {
    name: 'accuracy',
    subject: 'The accuracy',
    unit: 'percent',
    better: 'more',
    shown: ({ verification }) => {
      const score = verification?.accuracy ?? null;
      return score === null || score.samples === 0 ? null : (100 * score.correct) / score.samples;
    },
    madeOf: null,
    hint: 'give `test-data` with `labels`',
  },
};
