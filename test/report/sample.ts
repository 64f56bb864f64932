import { packAnswers, packClasses, packFlags } from '../../src/accuracy/answers.ts';
import { type Baseline, type JudgeContext, judge, type Limits } from '../../src/judge/judge.ts';
import type { Accuracy, Answers, LayerMeasurement, Measurement } from '../../src/measurement.ts';
import type { Report } from '../../src/report/report.ts';

/** Measurements as the pipeline makes them: a keyword spotter on a generic core and on a real part. */

const operators = [
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'CONV_2D',
  'AVERAGE_POOL_2D',
  'FULLY_CONNECTED',
  'SOFTMAX',
];

export function layer(index: number, fields: Partial<LayerMeasurement> = {}): LayerMeasurement {
  const operator = fields.operator ?? operators[index % operators.length] ?? 'CONV_2D';
  return {
    symbol: `kws_layer_${String(index).padStart(2, '0')}_${operator.toLowerCase()}`,
    operator,
    index,
    inputs: [index - 1],
    outputShape: [1, 25, 5, 64],
    macs: 320_000 + index,
    code: 412,
    weights: 2_560 * (index + 1),
    tables: 512,
    instructions: 1_000_000 * (index + 1),
    cycles: null,
    ...fields,
  };
}

/** So many of the samples answered right. */
export function topOne(correct: number, samples: number): Accuracy {
  return {
    name: 'top-1',
    unit: 'percent',
    better: 'more',
    value: (100 * correct) / samples,
    correct,
    samples,
    computedBy: 'reference',
    emulated: { value: 96, samples: 50 },
    float: null,
  };
}

/** Right classes 0 to 11 in turn; the first `correct` samples are answered with them, the others with the next class. */
export function classesOf(correct: number, samples: number): number[] {
  return Array.from({ length: samples }, (_, at) => (at < correct ? at % 12 : (at + 1) % 12));
}

/** What is answered to samples of the right classes 0 to 11 in turn. */
export function answersTo(classes: readonly number[]): Answers {
  const truths = classes.map((_, at) => at % 12);
  return {
    data: 'cd'.repeat(32),
    of: classes.length,
    samples: classes.length,
    kind: 'class',
    tolerance: 0,
    classes: ['down', 'go', 'left', 'no'],
    answers: packAnswers('class', classes),
    truths: packClasses(truths),
    right: packFlags(classes.map((answer, at) => answer === truths[at])),
  };
}

export function measurement(fields: Partial<Measurement> = {}): Measurement {
  const layers = fields.layers ?? operators.map((_, index) => layer(index));
  const sum = (of: (each: LayerMeasurement) => number) => layers.reduce((total, each) => total + of(each), 0);
  const code = sum((each) => each.code) + 96;
  const weights = sum((each) => each.weights);
  const tables = sum((each) => each.tables);
  const instructions = sum((each) => each.instructions ?? 0) + 40;
  return {
    model: { name: 'kws', file: 'models/kws.tflite', sha256: 'ab'.repeat(32), bytes: 53_936 },
    target: 'cortex-m4',
    optimize: 'balanced',
    tuned: 'no',
    part: null,
    flash: { total: code + weights + tables + 144, code, weights, tables, runtime: 144, firmware: 90_000 },
    ram: { total: 16_464, arena: 16_384, data: 80, stack: 344, firmware: 22_000 },
    instructions: { total: instructions, min: instructions - 12, max: instructions + 20 },
    cycles: null,
    energy: null,
    layers,
    shared: [],
    arena: layers.flatMap((each, step) => [
      {
        label: `tensor of ${each.symbol}`,
        offset: step % 2 === 0 ? 8_192 : 0,
        bytes: 8_192 - 512 * step,
        firstStep: step,
        lastStep: step + 1,
      },
    ]),
    sections: [{ name: '.model.text', bytes: code, memory: 'flash' }],
    verification: {
      bitExact: true,
      inputs: 211,
      mismatch: null,
    },
    accuracy: topOne(193, 200),
    answers: answersTo(classesOf(193, 200)),
    emulations: [
      { emulator: 'qemu', version: '7.2.22', instructions, blindTo: [] },
      { emulator: 'renode', version: '1.16.1', instructions, blindTo: ['bus faults', 'stack overruns'] },
    ],
    compiler: { version: 'arm-none-eabi-gcc 12.2.1', flags: ['-O2', '-mcpu=cortex-m4'] },
    failures: [],
    ...fields,
  };
}

export const nano = { title: 'Nordic nRF52840', flashBytes: 1_048_576, ramBytes: 262_144 };

export const context: JudgeContext = {
  toolVersion: '0.1.0',
  run: { at: '2026-11-23T22:00:00.000Z', host: 'linux x64' },
  headCommit: 'a1'.repeat(20),
  configFile: 'tinyml.yml',
};

export const baselineOf = (measurements: readonly Measurement[]): Baseline => ({
  commit: '0123456789abcdef0123456789abcdef01234567',
  source: 'rebuilt',
  note: '',
  measurements,
});

/** What a change to one layer of one model looks like in a pull request, on three targets, with a model that is new and one that went. */
export function sampleReport(): Report {
  const grown = operators.map((_, index) =>
    index === 2 ? layer(index, { weights: 9_216, instructions: 3_720_004 }) : layer(index),
  );
  const float = { value: 97, sameAnswers: 198, decibels: 39.3 };
  const retrained = { accuracy: { ...topOne(191, 200), float }, answers: answersTo(classesOf(191, 200)) };
  const limits: Limits[] = ['cortex-m4', 'nrf52840'].map((target) => ({
    model: { name: 'kws' },
    target,
    budgets: [
      { metric: 'flash', bound: 'limit', amount: 58 * 1024, written: '58 KiB', line: 4 },
      { metric: 'instructions', bound: 'limit', amount: 30_000_000, written: '30M', line: 6 },
    ],
  }));
  const named = (name: string, fields: Partial<Measurement> = {}) =>
    measurement({ model: { ...measurement().model, name, file: `models/${name}.tflite` }, ...fields });
  return judge(
    [
      measurement({ layers: grown, ...retrained }),
      measurement({ layers: grown, target: 'nrf52840', part: nano, ...retrained }),
      measurement({ target: 'cortex-m0plus', instructions: null, emulations: [] }),
      named('anomaly', {
        verification: { bitExact: true, inputs: 11, mismatch: null },
        accuracy: null,
        answers: null,
      }),
      named('person', {
        instructions: null,
        verification: null,
        accuracy: null,
        answers: null,
        failures: [
          {
            kind: 'hang',
            message:
              'The firmware did not end within 60 s; the last layer that ran is person_layer_02_conv_2d.',
          },
        ],
      }),
    ],
    baselineOf([
      measurement(),
      measurement({ target: 'nrf52840', part: nano }),
      measurement({ target: 'cortex-m0plus', instructions: null, emulations: [] }),
      named('person'),
      named('gesture'),
    ]),
    limits,
    { ...context, trend: sampleTrend() },
  );
}

/** Twelve commits in which the keyword spotter grew, and once was not counted. */
function sampleTrend(): Report['trend'] {
  return Array.from({ length: 12 }, (_, step) => ({
    commit: String(step).padStart(40, 'c'),
    at: `2026-11-${String(step + 1).padStart(2, '0')}T08:00:00.000Z`,
    rows: ['cortex-m4', 'nrf52840'].map((target) => ({
      model: 'kws',
      target,
      flash: 58_000 + 140 * step - (step % 4 === 3 ? 300 : 0),
      ram: 16_464,
      instructions: step === 5 ? null : 24_000_000 - 250_000 * step,
    })),
  }));
}
