import { closeSync, openSync, writeSync } from 'node:fs';

/** Element types that are written: NumPy's name and how an array becomes it. */
const types = {
  float32: { descr: '<f4', from: (row: ArrayLike<number>) => Float32Array.from(row) },
  float64: { descr: '<f8', from: (row: ArrayLike<number>) => Float64Array.from(row) },
  int8: { descr: '|i1', from: (row: ArrayLike<number>) => Int8Array.from(row) },
  int32: { descr: '<i4', from: (row: ArrayLike<number>) => Int32Array.from(row) },
} as const;

/** An array is one; others make their rows when they are asked for. */
interface Rows {
  readonly length: number;
  at(index: number): ArrayLike<number> | undefined;
}

/** Writes an array of shape [rows, ...shape] as `numpy.save` does (format 1.0), row by row. */
export function writeNpy(path: string, type: keyof typeof types, shape: readonly number[], rows: Rows): void {
  const { descr, from } = types[type];
  const dimensions = [rows.length, ...shape];
  const tuple = `(${dimensions.join(', ')}${dimensions.length === 1 ? ',' : ''})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version and length take 10 bytes; data starts at a multiple of 64.
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const file = openSync(path, 'w');
  try {
    writeSync(file, Buffer.concat([start, Buffer.from(header, 'latin1')]));
    for (let index = 0; index < rows.length; index += 1) {
      const values = from(rows.at(index) ?? []);
      writeSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  } finally {
    closeSync(file);
  }
}
