import { z } from 'zod';
import { optimizeSettings } from './operators/setting.ts';

/** The unit that is stored and compared: one model on one target. Sizes in bytes, instructions counted; cycles and energy estimated, and named so. */

const count = z.int().nonnegative();

const estimated = {
  estimate: count.describe('The middle of each range'),
  low: count,
  high: count,
} as const;

export const layerMeasurement = z.strictObject({
  symbol: z.string(),
  operator: z.string().describe('TFLite operator name'),
  index: count.describe('Index of the operator in the model'),
  inputs: z
    .array(z.int().min(-1))
    .describe('Positions of the layers whose outputs it reads; -1: an input of the model'),
  outputShape: z.array(count),
  macs: count.describe('Multiply-accumulates of one inference'),
  code: count.describe('Bytes of code in flash'),
  weights: count.describe('Bytes of weights and biases in flash'),
  tables: count.describe('Bytes of other constants in flash'),
  instructions: count.nullable().describe('Executed instructions of one inference; null when not counted'),
  cycles: count.nullable().describe('Estimated cycles of one inference; null when not estimated'),
});

export const sharedCode = z.strictObject({
  kernel: z.string().describe('The kernel of which several layers call one copy'),
  layers: z.array(count).describe('Positions of these layers'),
  code: count.describe('Bytes of the copy in flash; in no layer'),
});

export const arenaBuffer = z.strictObject({
  label: z.string().describe('Name of the tensor, or what the scratch is for'),
  offset: count.describe('Bytes from the start of the arena'),
  bytes: count,
  firstStep: z
    .int()
    .min(-1)
    .describe('Layer at which the bytes are first needed; -1: filled before the first one'),
  lastStep: z
    .int()
    .min(-1)
    .describe('Layer at which they are last needed; the number of layers: read after the last one'),
});

export const mismatch = z.strictObject({
  sample: z.string().describe('Which input: `seed 1`, `all -128`, `test sample 3`'),
  tensor: z.string(),
  index: count.describe('Flat index of the first differing element'),
  expected: z.number(),
  actual: z.number(),
  firstLayer: z.string().nullable().describe('Symbol of the first layer whose output differs'),
});

export const verification = z.strictObject({
  bitExact: z.boolean(),
  float32: z
    .strictObject({
      ulp: z.number().nonnegative().describe('The largest difference from the reference'),
      bound: z.number().nonnegative().describe('The largest difference that was allowed (docs/float32.md)'),
    })
    .optional()
    .describe(
      'There where the model computes in float32 and every output is within its bound: in units in the last place of the largest output of an inference',
    ),
  inputs: count.describe('How many inputs were compared'),
  mismatch: mismatch.nullable(),
});

export const accuracy = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .describe('`top-1`, `macro F1`, `AUC`, or what the user’s own program calls it'),
    unit: z.enum(['percent', 'number']),
    better: z.enum(['more', 'less']),
    value: z.number(),
    correct: count.nullable().describe('Of `samples`, where the value is just their share'),
    samples: count.min(1).describe('Labelled samples that were scored'),
    computedBy: z
      .enum(['reference', 'host'])
      .describe('The reference interpreter, or the same C compiled for the host, which gives the same bits'),
    emulated: z
      .strictObject({ value: z.number().nullable(), samples: count })
      .nullable()
      .describe('The same on the emulated part; null for the user’s own program'),
    float: z
      .strictObject({
        value: z.number(),
        sameAnswers: count.describe('Of `samples`: those that the float network answers the same'),
        decibels: z.number().nullable().describe('Signal to noise of the outputs; null: no noise'),
      })
      .nullable()
      .describe(
        'The float network that was quantized, on the same samples; null where the file is not float',
      ),
  })
  .describe('How good the model’s answers are, on all of its test data');

export const answers = z
  .strictObject({
    data: z.string().describe('SHA-256 of the test data and labels'),
    of: count.min(1).describe('Samples in the test data'),
    samples: count.min(1).describe('Of these the ones that were scored, spread evenly'),
    kind: z.enum(['class', 'value']),
    tolerance: z.number().nonnegative().describe('Values that differ by no more are the same answer'),
    classes: z.array(z.string().max(60)).max(1000).describe('What the classes are called; may be empty'),
    answers: z
      .string()
      .describe('Base64: a class in one byte each, or two where there are many; a value as float32'),
    truths: z.string().nullable().describe('The right classes in the same way; null without'),
    right: z.string().nullable().describe('Base64, a bit each: whether it counts as right'),
  })
  .describe('What the model answers to each sample of its test data');

export const emulation = z.strictObject({
  emulator: z.enum(['qemu', 'renode']),
  version: z.string(),
  instructions: count.nullable().describe('For the seed 1 input; null when this emulator did not count'),
  blindTo: z.array(z.string()).describe('Faults that this emulator cannot see on this run'),
});

export const failureKinds = [
  'mismatch',
  'does-not-fit',
  'fault',
  'stack-overflow',
  'hang',
  'no-output',
  'emulators-differ',
] as const;

export const failure = z.strictObject({
  kind: z.enum(failureKinds),
  message: z.string(),
});

export const measurement = z.strictObject({
  model: z.strictObject({
    name: z.string(),
    file: z.string().describe('Path in the repository'),
    sha256: z.string(),
    bytes: count,
    fixed: z
      .array(
        z.strictObject({
          input: z.string(),
          dimension: count.describe('Position in the file’s order of dimensions'),
          name: z.string().describe('What the file calls it; empty where it has no name'),
          size: count,
          by: z
            .enum(['batch', 'config'])
            .describe('The batch is always 1; other sizes are given in tinyml.yml'),
        }),
      )
      .optional()
      .describe('Dimensions of inputs that the file leaves open; absent: none'),
  }),
  target: z.string(),
  optimize: z.enum(optimizeSettings).describe('What the code was optimized for'),
  tuned: z
    .enum(['no', 'yes', 'stale'])
    .describe(
      'Whether a plan file chose kernels; stale: it holds a plan for another version of the model or the tool',
    ),
  part: z.strictObject({ title: z.string(), flashBytes: count, ramBytes: count }).nullable(),
  flash: z.strictObject({
    total: count.describe('code + weights + tables + runtime: what the model adds to a product'),
    code: count,
    weights: count,
    tables: count,
    runtime: count.describe('Compiler and C library code that the model pulls in'),
    firmware: count.describe('The whole measured image, harness included'),
  }),
  ram: z.strictObject({
    total: count.describe('arena + data: what the model adds to a product, without stack'),
    arena: count,
    data: count,
    stack: count.nullable().describe('Stack of one inference, measured by painting'),
    firmware: count.describe('Static RAM of the whole measured image, harness included, without stack'),
  }),
  instructions: z
    .strictObject({
      total: count.describe('Executed instructions of one inference on the seed 1 input'),
      min: count.describe('Fewest over all inputs that were run'),
      max: count.describe('Most over all inputs that were run'),
    })
    .nullable(),
  cycles: z
    .strictObject({
      ...estimated,
      source: z.string().describe('Whose timing of instructions'),
      error: z
        .strictObject({
          lowest: z.int().describe('Percent that the lowest estimate was above silicon; negative: below it'),
          highest: z.int().describe('The same of the highest'),
          against: z.string(),
        })
        .nullable()
        .describe(
          'Of such estimates, for other code that was measured on silicon; null: none to compare with',
        ),
    })
    .nullable()
    .describe(
      'Estimated for the seed 1 input, with memory that answers at once; null: the emulator tells no executed addresses, or the core’s timing is not known',
    ),
  energy: z
    .strictObject({ ...estimated, supply: z.string(), source: z.string() })
    .nullable()
    .describe(
      'nJ: estimated cycles × the energy per cycle that was measured on the part; null where none was',
    ),
  layers: z.array(layerMeasurement),
  shared: z.array(sharedCode),
  arena: z.array(arenaBuffer).describe('Which tensor lives where in the arena, and how long'),
  sections: z.array(
    z.strictObject({ name: z.string(), bytes: count, memory: z.enum(['flash', 'ram', 'both']) }),
  ),
  verification: verification.nullable(),
  accuracy: accuracy.nullable().describe('null without labelled test data'),
  answers: answers.nullable().describe('null without test data'),
  emulations: z.array(emulation),
  compiler: z.strictObject({ version: z.string(), flags: z.array(z.string()) }),
  /** Empty when the job passed by itself; budgets are judged later. */
  failures: z.array(failure),
});

export type Measurement = z.infer<typeof measurement>;
export type LayerMeasurement = z.infer<typeof layerMeasurement>;
export type ArenaBuffer = z.infer<typeof arenaBuffer>;
export type Failure = z.infer<typeof failure>;
export type Verification = z.infer<typeof verification>;
export type Accuracy = z.infer<typeof accuracy>;
export type Answers = z.infer<typeof answers>;
export type Mismatch = z.infer<typeof mismatch>;

/** Models and targets name a measurement. */
export function measurementKey(of: {
  readonly model: Pick<Measurement['model'], 'name'>;
  readonly target: string;
}): string {
  return `${of.model.name}@${of.target}`;
}
