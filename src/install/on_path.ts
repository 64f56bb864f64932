import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Path of the first program of that name on a PATH, or null. */
export async function onPath(program: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const file = join(folder, program);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
