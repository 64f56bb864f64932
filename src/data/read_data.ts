import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { lfsPointer } from './lfs_pointer.ts';

/** The bytes of a data file that is read as a whole, of which not one is read when they are too many. Throws DeployError (kind `input`). */
export function readData(folder: string, file: string, limit: number): Buffer {
  const path = join(folder, file);
  const { size } = statSync(path);
  if (size > limit)
    throw new DeployError(
      'input',
      `The file has ${size} bytes, more than the ${limit} that are allowed.`,
      { file },
      'Give a .npy file, which is read piece by piece, or fewer samples.',
    );
  const bytes = readFileSync(path);
  const pointer = lfsPointer(bytes, file);
  if (pointer !== null) throw pointer;
  return bytes;
}
