import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { type Report, report, reportSchemaVersion } from './report.ts';

/** A report holds one record per model and target; beyond this it is something else. */
const maximumBytes = 64 * 1024 * 1024;

export function renderJson(value: Report): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Reads back what renderJson wrote. Throws DeployError (kind `input`) that names the first wrong field. */
export function parseReport(text: string, file: string): Report {
  const wrong = (what: string, hint = 'Give a report.json that tinyml-deploy wrote.') =>
    new DeployError('input', what, { file }, hint);
  if (text.length > maximumBytes) throw wrong('The file is larger than 64 MiB.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('The file is not JSON.');
  }
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(value);
  if (!version.success) throw wrong('The file is not a report of tinyml-deploy.');
  if (version.data.schemaVersion !== reportSchemaVersion)
    throw wrong(
      `The report has schema version ${version.data.schemaVersion}; this tinyml-deploy reads ${reportSchemaVersion}.`,
      // An older report lacks what newer budgets need, such as the stack's limits and the arena.
      'Measure that commit again with this version.',
    );
  const result = report.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined ? '' : issue.path.map(String).join('.');
  throw wrong(
    `The field ${printable(field, 80)} of the report is wrong: ${printable(issue?.message ?? '')}.`,
  );
}
