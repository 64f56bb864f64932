import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../errors.ts';

/** Nobody's result: what the compiler made on its way, and the test data once more. */
const isLeftOver = (name: string): boolean => name.endsWith('.o') || name === 'mailbox.bin';

/** Uploads the files below a folder under one name; '' or a warning: the verdict stands without it. */
export async function uploadArtifact(name: string, folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !isLeftOver(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) return '';
  try {
    const { DefaultArtifactClient } = await import('@actions/artifact');
    await new DefaultArtifactClient().uploadArtifact(name, files.sort(), folder);
    return '';
  } catch (error) {
    // The storage library has errors with a status and no message.
    const status =
      error instanceof Error && 'statusCode' in error ? `the storage answered ${error.statusCode}` : '';
    const message =
      (error instanceof Error ? error.message : String(error)) || status || 'no reason was given';
    return `The artifact ${printable(name)} was not uploaded: ${printable(message, 200)}`;
  }
}
