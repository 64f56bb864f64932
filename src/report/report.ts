import { z } from 'zod';
import { measurement } from '../measurement.ts';

/** The one record that is published: everything that Markdown, terminal and HTML show is in here. */

export const reportSchemaVersion = 1;

export const metrics = ['flash', 'ram', 'instructions'] as const;
export type Metric = (typeof metrics)[number];

const metric = z.enum(metrics);

export const change = z.strictObject({
  metric,
  before: z.int().nullable().describe('null: not in the baseline'),
  after: z.int().nullable().describe('null: not measured now'),
});

export const budgetResult = z.strictObject({
  metric,
  limit: z.int().describe('Bytes, or instructions'),
  written: z.string().describe('The limit as the configuration has it, e.g. `64 KiB`'),
  value: z.int().nullable().describe('null: not measured, so that the limit could not be checked'),
  status: z.enum(['within', 'exceeded', 'unknown']),
  file: z.string().nullable().describe('Where the limit is set'),
  line: z.int().nullable(),
});

export const reason = z.strictObject({
  kind: z.enum(['failure', 'budget']),
  model: z.string(),
  target: z.string(),
  metric: metric.nullable(),
  message: z.string().describe('One sentence'),
  file: z.string().nullable().describe('Where to annotate: the model or tinyml.yml'),
  line: z.int().nullable(),
});

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
  rows: z.array(row),
  measurements: z.array(measurement),
  baselineMeasurements: z.array(measurement),
});

export type Report = z.infer<typeof report>;
export type Row = z.infer<typeof row>;
export type Change = z.infer<typeof change>;
export type Reason = z.infer<typeof reason>;
export type BudgetResult = z.infer<typeof budgetResult>;
