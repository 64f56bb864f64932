import { z } from 'zod';
import { measurement } from '../measurement.ts';

/** The one record that is published: everything that Markdown, terminal and HTML show is in here. */

export const reportSchemaVersion = 2;

export const metrics = ['flash', 'ram', 'stack', 'instructions', 'accuracy'] as const;
export type Metric = (typeof metrics)[number];

/**
 * `limit`: an absolute value. `change`: growth over the baseline, absolute. `percent`: growth over the baseline in percent.
 * `share`: percent of the real part's memory. Accuracy is bounded from below, by `limit` and `change`, in percentage points.
 */
export const bounds = ['limit', 'change', 'percent', 'share'] as const;
export type Bound = (typeof bounds)[number];

const metric = z.enum(metrics);
const bound = z
  .enum(bounds)
  .describe(
    'An absolute limit; growth over the baseline, absolute or in percent; share of the part’s memory',
  );

export const change = z.strictObject({
  metric,
  before: z.number().nullable().describe('Bytes, instructions or percent; null: not in the baseline'),
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
    .enum(['within', 'exceeded', 'unknown', 'unchecked'])
    .describe(
      '`unknown`: the value was not measured, which fails; `unchecked`: there is nothing to compare it with',
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
  kind: z.enum(['failure', 'budget']),
  model: z.string(),
  target: z.string(),
  metric: metric.nullable(),
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

export const row = z.strictObject({
  model: z.string(),
  target: z.string(),
  status: z.enum(['pass', 'fail']),
  presence: z
    .enum(['added', 'removed', 'both'])
    .describe('Against the baseline; `both` without a baseline too'),
  changes: z.array(change).describe('One for each metric'),
  budgets: z.array(budgetResult),
});

export const report = z.strictObject({
  schemaVersion: z.literal(reportSchemaVersion),
  tool: z.strictObject({ name: z.literal('tinyml-deploy'), version: z.string() }),
  run: z
    .strictObject({ at: z.string(), host: z.string() })
    .describe('When and where; the only fields that differ between two runs on the same inputs'),
  head: z.strictObject({ commit: z.string().nullable() }),
  baseline: z.strictObject({
    commit: z.string().nullable(),
    source: z.enum(['rebuilt', 'file', 'none']),
    note: z.string().describe('Why there is none, or how it was made; empty when nothing needs saying'),
  }),
  verdict: z.strictObject({
    status: z.enum(['pass', 'fail']),
    reasons: z.array(reason),
  }),
  notices: z.array(notice),
  rows: z.array(row),
  measurements: z.array(measurement),
  baselineMeasurements: z.array(measurement),
});

export type Report = z.infer<typeof report>;
export type Row = z.infer<typeof row>;
export type Change = z.infer<typeof change>;
export type Reason = z.infer<typeof reason>;
export type BudgetResult = z.infer<typeof budgetResult>;
export type Notice = z.infer<typeof notice>;
export type Cause = z.infer<typeof cause>;
