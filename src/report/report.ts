import { z } from 'zod';
import { measurement } from '../measurement.ts';

/** The one record that is published: everything that Markdown, terminal and HTML show is in here. */

export const reportSchemaVersion = 4;

export const metrics = [
  'flash',
  'ram',
  'stack',
  'instructions',
  'cycles',
  'energy',
  'accuracy',
  'score',
  'error',
  'changed-answers',
] as const;
export type Metric = (typeof metrics)[number];

/**
 * `limit`: an absolute value. `change`: growth over the baseline, absolute. `percent`: growth over the baseline in percent.
 * `share`: percent of the real part's memory, or of the samples. Accuracy and a score are bounded from below, by `limit` and
 * `change`: in percentage points, and in the score's own units.
 */
export const bounds = ['limit', 'change', 'percent', 'share'] as const;
export type Bound = (typeof bounds)[number];

const metric = z.enum(metrics);
const bound = z
  .enum(bounds)
  .describe(
    'An absolute limit; growth over the baseline, absolute or in percent; share of the part’s memory, or of the samples',
  );

export const change = z.strictObject({
  metric,
  before: z
    .number()
    .nullable()
    .describe(
      'Bytes, instructions, estimated cycles, estimated nJ, percent, the metric’s own units, or samples; null: not in the baseline',
    ),
  after: z.number().nullable().describe('null: not measured now'),
});

export const budgetResult = z.strictObject({
  metric,
  bound,
  amount: z
    .number()
    .describe('What is written, as a number: bytes, instructions, percent, or points of accuracy'),
  written: z.string().describe('As the configuration has it, e.g. `64 KiB` or `+2%`'),
  limit: z
    .number()
    .nullable()
    .describe(
      'The value that may just be reached: bytes, instructions or percent; null where it depends on what is missing',
    ),
  value: z.number().nullable().describe('null: not measured'),
  status: z
    .enum(['within', 'exceeded', 'accepted', 'unknown', 'unchecked'])
    .describe(
      '`accepted`: exceeded, and somebody accepted that; `unknown`: the value was not measured, which fails; `unchecked`: there is nothing to compare it with',
    ),
  why: z.string().describe('Why it was not checked; empty where it was'),
  file: z.string().nullable().describe('Where the limit is set'),
  line: z.int().nullable(),
});

export const cause = z.strictObject({
  what: z.string().describe('A layer, or what is in no layer'),
  value: z.int().describe('Bytes or instructions now'),
  growth: z.int().nullable().describe('Over the baseline; null without one'),
});

export const reason = z.strictObject({
  kind: z
    .enum(['failure', 'budget', 'missing', 'baseline'])
    .describe(
      '`missing`: measurements that should be here and are not; `baseline`: there is none, and one is required',
    ),
  model: z.string().nullable().describe('null: it is about more than one deployment'),
  target: z.string().nullable(),
  metric: metric.nullable(),
  bound: bound.nullable().describe('Of the broken budget; null for other kinds'),
  message: z.string().describe('One sentence, and one on the cause where it is known'),
  causes: z.array(cause).describe('What grew most, or is largest where there is no baseline; at most three'),
  file: z.string().nullable().describe('Where to annotate: the model or tinyml.yml'),
  line: z.int().nullable(),
});

export const notice = z
  .strictObject({
    kind: z.enum(['loosened-budget', 'unchecked-budgets']),
    message: z.string().describe('One sentence'),
    rows: z.array(z.strictObject({ model: z.string(), target: z.string() })),
    file: z.string().nullable(),
    line: z.int().nullable(),
  })
  .describe('What a reviewer should know and what fails nothing');

export const acceptance = z
  .strictObject({
    model: z.string(),
    target: z.string(),
    metric,
    bound,
    value: z.number().describe('Bytes, instructions or percent now'),
    limit: z.number().describe('What the budget allows'),
    accepted: z.number().describe('The value that was accepted: a larger one, or a lower accuracy, fails'),
    by: z.string().describe('Login of who set the label'),
    at: z.string().describe('When, ISO 8601'),
    label: z.string(),
    message: z.string().describe('One sentence'),
  })
  .describe('A broken budget that somebody accepted by the label on the pull request');

export const trendPoint = z
  .strictObject({
    commit: z.string(),
    at: z.string().nullable().describe('When it was measured, ISO 8601'),
    rows: z.array(
      z.strictObject({
        model: z.string(),
        target: z.string(),
        flash: z.int().nonnegative(),
        ram: z.int().nonnegative(),
        instructions: z.int().nonnegative().nullable(),
      }),
    ),
  })
  .describe('What an earlier commit of the default branch took');

export const row = z.strictObject({
  model: z.string(),
  target: z.string(),
  status: z.enum(['pass', 'fail']),
  presence: z
    .enum(['added', 'removed', 'both'])
    .describe('Against the baseline; `both` without a baseline too'),
  renamedFrom: z
    .string()
    .nullable()
    .describe('Name that the same model has in the baseline; null where it is the same name'),
  changes: z.array(change).describe('One for each metric'),
  budgets: z.array(budgetResult),
});

export const report = z.strictObject({
  schemaVersion: z.literal(reportSchemaVersion),
  tool: z.strictObject({ name: z.literal('tinyml-deploy'), version: z.string() }),
  run: z
    .strictObject({
      at: z.string(),
      host: z.string(),
      reused: z
        .int()
        .nonnegative()
        .describe('How many of `measurements` were kept from an earlier run, on the same inputs and tools'),
    })
    .describe(
      'When and where; with `baseline.source`, `baseline.note` and `trend` the only fields that differ between two runs on the same inputs',
    ),
  head: z.strictObject({ commit: z.string().nullable() }),
  baseline: z.strictObject({
    commit: z.string().nullable(),
    source: z
      .enum(['cache', 'artifact', 'rebuilt', 'file', 'none'])
      .describe(
        'The workflow’s cache; the artifact of that commit’s run; built anew by this run; a report that was given; or there is none',
      ),
    note: z.string().describe('Why there is none, or how it was made; empty when nothing needs saying'),
  }),
  verdict: z.strictObject({
    status: z.enum(['pass', 'fail']),
    reasons: z.array(reason),
  }),
  notices: z.array(notice),
  accepted: z.array(acceptance),
  rows: z.array(row),
  measurements: z.array(measurement),
  baselineMeasurements: z.array(measurement),
  trend: z.array(trendPoint).max(100).describe('Oldest first, without `head`'),
});

export type Report = z.infer<typeof report>;
export type Row = z.infer<typeof row>;
export type Change = z.infer<typeof change>;
export type Reason = z.infer<typeof reason>;
export type BudgetResult = z.infer<typeof budgetResult>;
export type Notice = z.infer<typeof notice>;
export type Acceptance = z.infer<typeof acceptance>;
export type TrendPoint = z.infer<typeof trendPoint>;
export type Cause = z.infer<typeof cause>;
