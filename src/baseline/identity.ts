import { z } from 'zod';

/** What decides all figures of a commit: two reports with the same identity may stand for each other, others never. */
export const baselineIdentity = z.strictObject({
  commit: z.string(),
  project: z.string().describe('Folder of the project in the repository'),
  configuration: z.string().describe('As asked for; empty: found by its name'),
  code: z.string().describe('Digest of this program’s own code'),
  toolVersion: z.string(),
  reportSchemaVersion: z.int(),
  compiler: z.string(),
  emulators: z.record(z.string(), z.string()),
});

export type BaselineIdentity = z.infer<typeof baselineIdentity>;

const words: Readonly<Record<keyof BaselineIdentity, string>> = {
  commit: 'another commit',
  project: 'another project',
  configuration: 'another configuration',
  code: 'another build of tinyml-deploy',
  toolVersion: 'another version of tinyml-deploy',
  reportSchemaVersion: 'another version of the report',
  compiler: 'another compiler',
  emulators: 'other emulators',
};

/** The first thing in which two identities differ, in words; '' where they are the same. */
export function differenceOf(one: BaselineIdentity, other: BaselineIdentity): string {
  const fields = Object.keys(words) as (keyof BaselineIdentity)[];
  const field = fields.find((name) => textOf(one[name]) !== textOf(other[name]));
  return field === undefined ? '' : words[field];
}

function textOf(value: BaselineIdentity[keyof BaselineIdentity]): string {
  return typeof value === 'object' ? JSON.stringify(Object.entries(value).sort()) : String(value);
}
