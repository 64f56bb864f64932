import { z } from 'zod';
import { measurement } from '../measurement.ts';

/** The one record that is published: everything that Markdown, terminal and HTML show is in here. */

export const reportSchemaVersion = 1;

export const metrics = ['flash', 'ram', 'instructions'] as const;
export type Metric = (typeof metrics)[number];

export const change = z.strictObject({
  metric: z.enum(metrics),
  before: z.int().nullable().describe('null: not in the baseline'),
  after: z.int().nullable().describe('null: not measured now'),
});

export const reason = z.strictObject({
  kind: z.enum(['failure', 'budget']),
  model: z.string(),
  target: z.string(),
  metric: z.enum(metrics).nullable(),
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
  changes: z.array(change),
});

export const report = z.strictObject({
  schemaVersion: z.literal(reportSchemaVersion),
  tool: z.strictObject({ name: z.literal('tinyml-deploy'), version: z.string() }),
  /** When and where; the only fields that differ between two runs on the same inputs. */
  run: z.strictObject({ at: z.string(), host: z.string() }),
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
