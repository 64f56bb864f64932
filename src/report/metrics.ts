import { compareAnswers } from '../accuracy/answers.ts';
import type { Accuracy, Measurement } from '../measurement.ts';
import type { Metric } from './report.ts';

/** Everything that differs from one metric to the next: a new one is an entry here, and its unit in tinyml.yml. */
export interface MetricEntry {
  /** In running text: `RAM`. */
  readonly name: string;
  /** What a sentence about a budget begins with: `The stack of 344 B is …`. */
  readonly subject: string;
  readonly unit: 'bytes' | 'instructions' | 'cycles' | 'nanojoules' | 'percent' | 'own' | 'samples';
  readonly better: 'less' | 'more';
  /** What is shown and compared; null where it was not measured. */
  readonly shown: (measurement: Measurement) => number | null;
  /** What a budget holds, where that is not what is shown. */
  readonly budgeted?: (measurement: Measurement) => number | null;
  /** Of a metric that is a difference from the baseline, in place of `shown`; `why` there is nothing to compare; null: not measured. */
  readonly against?: (
    before: Measurement | null,
    after: Measurement,
  ) => { readonly value: number } | { readonly why: string } | null;
  /** The memory of a part that it takes from. */
  readonly memory?: 'flashBytes' | 'ramBytes';
  /** Parts that it is the sum of, so that a cause can be named. */
  readonly madeOf: 'flash' | 'arena' | 'instructions' | 'cycles' | 'classes' | 'answers' | null;
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
    shown: (measurement) => accuracyOf(measurement, 'percent', 'more'),
    madeOf: 'classes',
    hint: 'give `test-data` with `labels`',
  },
  score: {
    name: 'score',
    subject: 'The score',
    unit: 'own',
    better: 'more',
    shown: (measurement) => accuracyOf(measurement, 'number', 'more'),
    madeOf: null,
    hint: 'let `accuracy: script:` print a value of which more is better',
  },
  error: {
    name: 'error',
    subject: 'The error',
    unit: 'own',
    better: 'less',
    shown: (measurement) => accuracyOf(measurement, 'number', 'less'),
    madeOf: null,
    hint: 'give `test-data` with `labels`, and `accuracy: metric: mae` or `mse`',
  },
  'changed-answers': {
    name: 'changed answers',
    subject: 'The number of changed answers',
    unit: 'samples',
    better: 'less',
    // Nothing is said of one measurement alone.
    shown: () => null,
    against: (before, after) => {
      if (after.answers === null) return null;
      if (before === null) return { why: 'no baseline has it' };
      const compared = compareAnswers(before.answers, after.answers);
      return compared.kind === 'compared' ? { value: compared.changed.length } : { why: compared.why };
    },
    madeOf: 'answers',
    hint: 'give `test-data`',
  },
};

function accuracyOf(
  { accuracy }: Measurement,
  unit: Accuracy['unit'],
  better: Accuracy['better'],
): number | null {
  return accuracy?.unit === unit && accuracy.better === better ? accuracy.value : null;
}
