import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { code, markdownTable } from './table.ts';

const actionFile = z.object({
  inputs: z.record(
    z.string(),
    z.object({ description: z.string(), required: z.boolean().optional(), default: z.string().optional() }),
  ),
  outputs: z.record(z.string(), z.object({ description: z.string() })),
});

/** The tables of inputs and outputs, from an action.yml. */
export function actionTables(path: string): { readonly inputs: string; readonly outputs: string } {
  const { inputs, outputs } = actionFile.parse(parse(readFileSync(path, 'utf8')));
  return {
    inputs: markdownTable(
      ['Input', 'Default', 'What'],
      Object.entries(inputs).map(([name, { description, default: value = '' }]) => [
        code(name),
        code(value),
        description.trim(),
      ]),
    ),
    outputs: markdownTable(
      ['Output', 'What'],
      Object.entries(outputs).map(([name, { description }]) => [code(name), description.trim()]),
    ),
  };
}
