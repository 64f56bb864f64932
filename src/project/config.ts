import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { type Config, configSchema, otherNames } from './schema.ts';
import { parseYaml, type YamlFile } from './yaml.ts';

export interface ConfigFile {
  readonly file: string;
  readonly config: Config;
  readonly yaml: YamlFile;
}

/** Text of tinyml.yml → checked configuration. Throws DeployError with file, line, column, and the nearest key where one is unknown. */
export function parseConfig(text: string, file: string): ConfigFile {
  const yaml = parseYaml(text, file);
  // An empty file asks for the defaults.
  const result = configSchema.safeParse(yaml.value ?? {});
  if (result.success) return { file, config: result.data, yaml };
  throw firstProblem(result.error.issues, yaml);
}

function firstProblem(issues: readonly z.core.$ZodIssue[], yaml: YamlFile): DeployError {
  const errors = issues.flatMap(inside).map((issue) => describe(issue, yaml));
  const position = (error: DeployError) => (error.where.line ?? 0) * 1e6 + (error.where.column ?? 0);
  const [first] = errors.toSorted((a, b) => position(a) - position(b));
  return first ?? new DeployError('input', 'The configuration is wrong.');
}

/** Where one of several forms is allowed and the value is a mapping, what is wrong in the mapping; else the issue itself. */
function inside(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const fitting = issue.errors.filter(
    ([first]) => first !== undefined && (first.path.length > 0 || first.code === 'unrecognized_keys'),
  );
  return fitting.length === 0
    ? [issue]
    : fitting.flat().map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

function describe(issue: z.core.$ZodIssue, yaml: YamlFile): DeployError {
  const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  if (unknown !== undefined) {
    const known = keysAt(configSchema, issue.path);
    const reason = Object.hasOwn(otherNames, unknown) ? otherNames[unknown] : undefined;
    if (reason !== undefined && known.includes('flash'))
      return new DeployError(
        'input',
        `There is no budget on \`${unknown}\`: ${reason}.`,
        yaml.keyPlace(issue.path, unknown),
        `Metrics with budgets: ${known.filter((key) => key !== 'targets').join(', ')}.`,
      );
    return new DeployError(
      'input',
      `Unknown key "${printable(unknown, 40)}".`,
      yaml.keyPlace(issue.path, unknown),
      `${didYouMean(unknown, known)}Known here: ${known.join(', ')}.`,
    );
  }
  const key = issue.path.map(String).join('.');
  const subject = key === '' ? 'The file' : `\`${printable(key, 60)}\``;
  return new DeployError('input', `${subject} ${complaint(issue)}.`, yaml.place(issue.path));
}

function complaint(issue: z.core.$ZodIssue): string {
  // What the schema says itself, with an example.
  if (issue.message.startsWith('must be ')) return printable(issue.message);
  if (issue.code === 'invalid_type') {
    const names: Readonly<Record<string, string>> = {
      object: 'a mapping (key: value)',
      record: 'a mapping (key: value)',
      array: 'a list (- one per line)',
      string: 'text',
      number: 'a number',
      int: 'a whole number',
    };
    return `must be ${names[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small' && issue.minimum === 1 && issue.origin !== 'number')
    return 'must not be empty';
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  return printable(issue.message);
}

/** The keys that the schema knows at a path. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    current = unwrap(current);
    if (current instanceof z.ZodObject) current = current.shape[String(step)];
    else if (current instanceof z.ZodArray) current = current.element;
    else if (current instanceof z.ZodRecord) current = current.valueType;
  }
  current = unwrap(current);
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.find((option) => option instanceof z.ZodObject);
  return schema;
}

/** `Did you mean "models"? `, or nothing when no name is near. */
export function didYouMean(written: string, known: readonly string[]): string {
  if (known.length === 0 || written.length > 100) return '';
  return `Did you mean "${closest(written, [...known])}"? `;
}
