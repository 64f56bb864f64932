import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';

/** Weights of a network for a microcontroller take a few MiB. */
export const largestFile = 256 * 1024 * 1024;

/** The bytes of a model file, of which not one is read when they are too many. Throws DeployError (kind `input`). */
export async function readModel(folder: string, file: string): Promise<Uint8Array> {
  const path = join(folder, file);
  try {
    const found = await stat(path);
    const { size } = found;
    // A device has no size and never ends.
    if (!found.isFile())
      throw new DeployError('input', 'this is not a file.', { file }, 'Give the path of a file.');
    if (size <= largestFile) return await readFile(path);
    throw new DeployError(
      'input',
      `the file has ${size} bytes, more than the ${largestFile} that are allowed.`,
      { file },
      'No network for a microcontroller is that large.',
    );
  } catch (error) {
    if (error instanceof DeployError || !(error instanceof Error && 'code' in error)) throw error;
    throw new DeployError(
      'input',
      `the file cannot be read (${error.code}).`,
      { file },
      'Check that it is there, and its permissions.',
    );
  }
}
