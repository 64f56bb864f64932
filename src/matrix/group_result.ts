import { z } from 'zod';
import { baselineIdentity } from '../baseline/identity.ts';
import { DeployError, printable } from '../errors.ts';
import { measurement } from '../measurement.ts';
import { bounds, metrics, report } from '../report/report.ts';

/** What one runner measured: the file that mode `measure` leaves and mode `report` reads. */

export const groupResultVersion = 1;

/** Beyond this a file is something else; a report holds at most 64 MiB. */
const maximumBytes = 64 * 1024 * 1024;

const limits = z.strictObject({
  model: z.strictObject({ name: z.string() }),
  target: z.string(),
  budgets: z.array(
    z.strictObject({
      metric: z.enum(metrics),
      bound: z.enum(bounds),
      amount: z.number(),
      written: z.string(),
      line: z.int(),
    }),
  ),
});

const baseline = z.strictObject({
  ...report.shape.baseline.shape,
  measurements: z.array(measurement),
  limits: z.array(limits),
});

const groupResult = z.strictObject({
  schemaVersion: z.literal(groupResultVersion),
  /** Digest of the plan that it belongs to. */
  plan: z.string(),
  group: z.string(),
  measurements: z.array(measurement),
  reused: z.int().nonnegative(),
  baseline,
  trend: report.shape.trend,
  /** What the head's figures were made with; null where they stand for no commit. */
  identity: baselineIdentity.nullable(),
  /** Why nothing was measured; null where it was. */
  failure: z.strictObject({ kind: z.enum(['input', 'tool']), message: z.string() }).nullable(),
});

export type GroupResult = z.infer<typeof groupResult>;
export type GroupBaseline = GroupResult['baseline'];

export function renderGroupResult(value: GroupResult): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads back what renderGroupResult wrote. Throws DeployError (kind `input`). */
export function parseGroupResult(text: string, file: string): GroupResult {
  const wrong = (what: string) =>
    new DeployError('input', what, { file }, 'Use the same version of the action in all jobs.');
  if (text.length > maximumBytes) throw wrong('The measurements of a group are larger than 64 MiB.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('The measurements of a group are not JSON.');
  }
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion !== groupResultVersion)
    throw wrong(
      `The measurements of a group have schema version ${version.data.schemaVersion}; this version reads ${groupResultVersion}.`,
    );
  const result = groupResult.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong(
    `The field ${printable(issue?.path.map(String).join('.') ?? '', 80)} of a group's measurements is wrong: ${printable(issue?.message ?? '')}.`,
  );
}
