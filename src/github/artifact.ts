import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../errors.ts';

/** What an artifact holds: `reports` are the files at the top of the folder, without firmware and C libraries. */
export type ArtifactContent = 'everything' | 'reports';

/** Nobody's result: what the compiler made on its way, and the test data once more. */
const isLeftOver = (name: string): boolean => name.endsWith('.o') || name === 'mailbox.bin';

export interface UploadedArtifact {
  /** null where nothing was uploaded. */
  readonly id: number | null;
  /** One sentence, or ''. */
  readonly warning: string;
}

/** Uploads the files below a folder under one name; or says why not: the verdict stands without it. */
export async function uploadArtifact(
  name: string,
  folder: string,
  content: ArtifactContent = 'everything',
): Promise<UploadedArtifact> {
  const files = await filesBelow(folder, content);
  if (files.length === 0) return { id: null, warning: '' };
  try {
    return { id: await upload(name, files, folder), warning: '' };
  } catch (error) {
    const warning = `The artifact ${printable(name)} was not uploaded: ${printable(reasonOf(error), 200)}`;
    return { id: null, warning };
  }
}

async function filesBelow(folder: string, content: ArtifactContent): Promise<string[]> {
  const entries = await readdir(folder, { recursive: content === 'everything', withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !isLeftOver(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** An earlier attempt of the same run may have left an artifact of this name: this one takes its place. */
async function upload(name: string, files: string[], folder: string): Promise<number | null> {
  const { DefaultArtifactClient } = await import('@actions/artifact');
  const client = new DefaultArtifactClient();
  try {
    return (await client.uploadArtifact(name, files, folder)).id ?? null;
  } catch (error) {
    if (!/\b409\b|already exists/.test(reasonOf(error))) throw error;
    await client.deleteArtifact(name);
    return (await client.uploadArtifact(name, files, folder)).id ?? null;
  }
}

/** The storage library has errors with a status and no message. */
export function reasonOf(error: unknown): string {
  const status =
    error instanceof Error && 'statusCode' in error ? `the storage answered ${error.statusCode}` : '';
  return (error instanceof Error ? error.message : String(error)) || status || 'no reason was given';
}
