import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { optimizeSettings } from '../operators/setting.ts';
import { fileInside } from './paths.ts';

/** What `tinyml-deploy tune` found, kept beside tinyml.yml, so that no other run has to search again. */
export const planFileName = 'tinyml.plan.json';

const planFileVersion = 1;
const maximumBytes = 4 * 1024 * 1024;
const word = z.string().regex(/^[\w.+-]{1,64}$/);
const count = z.int().nonnegative();

const tunedLayer = z.strictObject({
  operator: count.describe('Index of the operator in the model'),
  variant: word.optional().describe('Which of its variants computes it; the setting chooses when absent'),
  own: z
    .boolean()
    .optional()
    .describe('Whether it has a copy of its kernel for itself; the setting chooses when absent'),
});

const cost = z.strictObject({
  instructions: count,
  cycles: count.nullable().describe('Estimated; null where the core has no published timing'),
  flash: count,
  arena: count,
});

const tunedPlan = z.strictObject({
  model: z.strictObject({ name: word, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  target: word,
  optimize: z.enum(optimizeSettings),
  tool: z.string().min(1).max(64).describe('Version of tinyml-deploy that searched'),
  before: cost.describe('What the setting alone costs'),
  after: cost,
  layers: z.array(tunedLayer).max(100_000),
});

const planFile = z.strictObject({
  schemaVersion: z.literal(planFileVersion),
  plans: z.array(tunedPlan).max(10_000),
});

export type TunedLayer = z.infer<typeof tunedLayer>;
export type TunedPlan = z.infer<typeof tunedPlan>;

/** The plans kept in a project's folder; none without a file. Throws DeployError (`input`) for a file that is not ours. */
export function readPlanFile(folder: string): readonly TunedPlan[] {
  if (!existsSync(join(folder, planFileName))) return [];
  const file = fileInside(folder, planFileName, 'The plan file', {});
  const wrong = (what: string) =>
    new DeployError(
      'input',
      what,
      { file },
      'Take it back from version control, or remove it and run `tinyml-deploy tune`.',
    );
  if (statSync(join(folder, file)).size > maximumBytes) throw wrong('The file is larger than 4 MiB.');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch {
    throw wrong('The file is not JSON.');
  }
  const version = z.looseObject({ schemaVersion: z.int() }).safeParse(value);
  if (version.success && version.data.schemaVersion !== planFileVersion)
    throw wrong(
      `The file has schema version ${version.data.schemaVersion}; this tinyml-deploy reads ${planFileVersion}.`,
    );
  const result = planFile.safeParse(value);
  if (result.success) return result.data.plans;
  const [issue] = result.error.issues;
  const field = issue === undefined ? '' : issue.path.map(String).join('.');
  throw wrong(`The field \`${printable(field, 80)}\` is wrong: ${printable(issue?.message ?? '', 200)}.`);
}

/** The file's text with these plans in the place of earlier ones for the same models, targets and settings; the same plans give the same bytes. */
export function planFileText(before: readonly TunedPlan[], found: readonly TunedPlan[]): string {
  const plans = new Map([...before, ...found].map((plan) => [keyOf(plan), plan]));
  const sorted = [...plans.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, plan]) => plan);
  return `${JSON.stringify({ schemaVersion: planFileVersion, plans: sorted }, null, 2)}\n`;
}

function keyOf({ model, target, optimize }: TunedPlan): string {
  return `${model.name} ${target} ${optimize}`;
}
