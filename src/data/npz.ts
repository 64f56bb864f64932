import { unzipSync } from 'fflate';
import { DeployError, printable } from '../errors.ts';
import type { DataArray } from './array.ts';
import { openArray } from './npy.ts';
import { readData } from './read_data.ts';

const mostFileBytes = 256 * 1024 * 1024;
/** Unpacked, all arrays that are asked for together: `np.savez_compressed` makes zeros a thousand times smaller. */
const mostBytes = 512 * 1024 * 1024;
const mostArrays = 1000;

/** The arrays of a .npz file (`numpy.savez`, `numpy.savez_compressed`). */
export interface NpzFile {
  readonly file: string;
  readonly names: readonly string[];
  /** Unpacks one of them. Throws DeployError. */
  open(name: string): DataArray;
}

/** Reads which arrays there are; each is unpacked when it is opened. Throws DeployError (kind `input`). */
export function openNpz(folder: string, file: string): NpzFile {
  const wrong = (what: string) =>
    new DeployError('input', what, { file }, 'Save it again with `numpy.savez(path, name=array)`.');
  const archive = readData(folder, file, mostFileBytes);
  const sizes = new Map<string, number>();
  const unzip = (wanted: string | null): Uint8Array | undefined => {
    try {
      return unzipSync(archive, {
        filter: ({ name, originalSize }) => {
          if (wanted === null) {
            if (sizes.has(name)) throw wrong(`It holds ${printable(JSON.stringify(name))} twice.`);
            sizes.set(name, originalSize);
            if (sizes.size > mostArrays) throw wrong(`It holds more than ${mostArrays} arrays.`);
          }
          return name === wanted;
        },
      })[wanted ?? ''];
    } catch (error) {
      throw error instanceof DeployError ? error : wrong('This is not a .npz file, or a damaged one.');
    }
  };
  unzip(null);
  const entries = new Map(
    [...sizes.keys()].filter((name) => name.endsWith('.npy')).map((name) => [name.slice(0, -4), name]),
  );
  if (entries.size === 0) throw wrong('It holds no array.');
  let opened = 0;
  return {
    file,
    names: [...entries.keys()],
    open: (name) => {
      const entry = entries.get(name) ?? '';
      opened += sizes.get(entry) ?? 0;
      if (opened > mostBytes)
        throw wrong(`Its arrays unpack to more than the ${mostBytes} bytes that are allowed.`);
      // The buffer has the size that the archive declares; what unpacks to more does not end where it should.
      const bytes = Buffer.from(unzip(entry) ?? new Uint8Array());
      const read = (position: number, length: number) => {
        if (position + length > bytes.length) throw wrong('It is truncated.');
        return bytes.subarray(position, position + length);
      };
      return openArray(file, { size: bytes.length, read });
    },
  };
}
