import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import { type DataArray, type DataType, dataTypes, isDataType } from './array.ts';
import { lfsPointer } from './lfs_pointer.ts';

/** NumPy writes 118 bytes; a header beyond this is no header. */
const maximumHeader = 64 * 1024;

/**
 * Opens a .npy file (NumPy format 1 to 3: little-endian, C order). The size of the file must be exactly what its header says.
 * Throws DeployError (kind `input`).
 */
export function openNpy(folder: string, file: string): DataArray {
  const descriptor = openSync(join(folder, file), 'r');
  try {
    const size = fstatSync(descriptor).size;
    const read = (position: number, length: number): Buffer => {
      const buffer = Buffer.alloc(length);
      if (readSync(descriptor, buffer, 0, length, position) !== length)
        throw wrongNpy('The file is truncated.', file);
      return buffer;
    };
    const array = openArray(file, { size, read });
    return { ...array, close: () => closeSync(descriptor) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Bytes that can be read piece by piece. */
export interface Readable {
  readonly size: number;
  /** Exactly `length` bytes, or an error. */
  read(position: number, length: number): Buffer;
}

/** The array in the bytes of a .npy file. `file`: what errors name. */
export function openArray(file: string, { size, read }: Readable): DataArray {
  const wrong = (what: string) => wrongNpy(what, file);
  if (size < 12) throw wrong('This is not a .npy file.');
  const start = read(0, 12);
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw lfsPointer(read(0, Math.min(size, 64)), file) ?? wrong('This is not a .npy file.');
  }
  const version = start.readUInt8(6);
  if (version < 1 || version > 3) throw wrong(`.npy format ${version} is not known.`);
  const headerStart = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  if (headerBytes > maximumHeader || headerStart + headerBytes > size) throw wrong('The file is truncated.');
  const { type, shape } = parseHeader(read(headerStart, headerBytes).toString('latin1'), wrong);

  const rowElements = shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  const rowBytes = rowElements * dataTypes[type].bytes;
  const dataStart = headerStart + headerBytes;
  const expected = dataStart + (shape[0] ?? 0) * rowBytes;
  if (size !== expected)
    throw wrong(`The file has ${size} bytes where its header asks for ${expected}: it is damaged.`);
  return {
    file,
    type,
    shape,
    row: (index) => elements(type, read(dataStart + index * rowBytes, rowBytes)),
    close: () => {},
  };
}

function wrongNpy(what: string, file: string): DeployError {
  return new DeployError('input', what, { file }, 'Save it again with `numpy.save(path, array)`.');
}

/** The header is the text of a Python dictionary with exactly three entries. */
function parseHeader(
  header: string,
  wrong: (what: string) => DeployError,
): { type: DataType; shape: number[] } {
  const descr = /'descr':\s*'([^']{1,20})'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape':\s*\(([\d,\s]{0,200})\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || dimensions === undefined)
    throw wrong('The header of the .npy file is not understood.');
  const type = descr.slice(1);
  if (!/^[<|]/.test(descr) || !isDataType(type))
    throw wrong(
      `Elements of type "${printable(descr)}" are not supported, only little-endian integers and floats.`,
    );
  if (order === 'True') throw wrong('The array is in Fortran order.');
  const shape = dimensions
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(Number);
  if (shape.length === 0) throw wrong('The array has no dimensions.');
  const isSane = shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 1);
  if (!isSane || shape.reduce((product, dimension) => product * dimension, 8) > Number.MAX_SAFE_INTEGER)
    throw wrong(`The array's shape (${printable(dimensions)}) is empty or too large.`);
  return { type, shape };
}

function elements(type: DataType, data: Buffer): number[] {
  const { bytes, read } = dataTypes[type];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength / bytes }, (_, index) => read(view, index * bytes));
}
