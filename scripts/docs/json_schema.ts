import { z } from 'zod';
import { code, markdownTable } from './table.ts';

/** The part of JSON Schema that our schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

const published = 'https://raw.githubusercontent.com/tinyml/deploy-action/main/schemas';

/** Draft 7, which is what editors complete YAML by. */
export function toJsonSchema(schema: z.ZodType, file: string, title: string): JsonSchema & { $id: string } {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    // JavaScript's own limits of whole numbers say nothing about the file.
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return { $schema, $id: `${published}/${file}`, title, ...rest } as JsonSchema & { $id: string };
}

/** One row per key, nested keys with a dotted path. An object that was described before is referred to, not repeated. */
export function keyTable(schema: JsonSchema): string {
  return markdownTable(['Key', 'Type', 'What'], keyRows(schema, '', new Map()));
}

function keyRows(schema: JsonSchema, path: string, described: Map<string, string>): string[][] {
  const known = Object.entries(schema.properties ?? {});
  const named: [string, JsonSchema][] =
    typeof schema.additionalProperties === 'object' ? [['<name>', schema.additionalProperties]] : [];
  // Where every key is always there, saying so at each is noise.
  const mustNotBeSaid = known.every(([key]) => schema.required?.includes(key));
  return [...known, ...named].flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const inner = objectIn(value);
    const what = value.description ?? inner?.description ?? '';
    const must = !mustNotBeSaid && schema.required?.includes(key) ? ' **(required)**' : '';
    const row = [code(here), typeOf(value), `${what}${must}`.trim()];
    if (inner === null) return [row];
    const same = JSON.stringify({ ...inner, description: '' });
    const before = described.get(same);
    if (before !== undefined) return [[code(here), typeOf(value), `As ${code(before)}${must}`]];
    described.set(same, here);
    return [row, ...keyRows(inner, value.items === undefined ? here : `${here}[]`, described)];
  });
}

/** The object with keys that a value is, is a list of, or may be besides null. */
function objectIn(schema: JsonSchema): JsonSchema | null {
  if (schema.items !== undefined) return objectIn(schema.items);
  if (schema.anyOf !== undefined) return schema.anyOf.map(objectIn).find((inner) => inner !== null) ?? null;
  return schema.properties !== undefined || typeof schema.additionalProperties === 'object' ? schema : null;
}

/** In words, e.g. `list of string`, `integer or null`. */
export function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object') return 'mapping';
  return [schema.type ?? 'any'].flat().join(' or ');
}
