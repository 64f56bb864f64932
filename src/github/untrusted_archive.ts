import { Unzip, type UnzipFile, UnzipInflate } from 'fflate';
import { DeployError } from '../errors.ts';

/** An archive that a stranger made: nothing of it is written to disk, and no more is unpacked than is asked for. */

const chunkBytes = 16 * 1024;
const mostEntries = 20_000;

/**
 * The bytes of the one file of this name, at most `limit` of them, whatever the archive declares. Throws DeployError
 * (kind `input`) where it is not there, there twice or larger, and for an archive that holds a path out of itself.
 */
export function fileInArchive(zip: Uint8Array, name: string, limit: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  let entries = 0;
  let found = 0;
  let isWhole = false;
  const take = (file: UnzipFile): void => {
    if ((file.originalSize ?? 0) > limit) throw refused(`it declares ${name} of more than ${limit} bytes`);
    file.ondata = (error, data, final) => {
      if (error !== null) throw error;
      length += data.length;
      if (length > limit) throw refused(`its ${name} unpacks to more than ${limit} bytes`);
      parts.push(data);
      isWhole ||= final;
    };
    file.start();
  };
  const unzip = new Unzip((file) => {
    entries += 1;
    if (entries > mostEntries) throw refused(`it holds more than ${mostEntries} files`);
    if (leavesArchive(file.name)) throw refused('it holds a path that leads out of it');
    if (file.name !== name) return;
    found += 1;
    if (found > 1) throw refused(`it holds ${name} twice`);
    take(file);
  });
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < zip.length; at += chunkBytes)
      unzip.push(zip.subarray(at, at + chunkBytes), at + chunkBytes >= zip.length);
  } catch (error) {
    throw error instanceof DeployError ? error : refused('it is no archive, or a broken one');
  }
  if (found === 0) throw refused(`it holds no ${name}`);
  if (!isWhole) throw refused(`its ${name} is cut off`);
  return Buffer.concat(parts);
}

function leavesArchive(path: string): boolean {
  return /^[/\\]|^[A-Za-z]:|\\|\0/.test(path) || path.split('/').includes('..');
}

function refused(why: string): DeployError {
  return new DeployError('input', `The artifact was refused: ${why}.`);
}
