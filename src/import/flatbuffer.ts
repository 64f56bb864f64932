import { ByteBuffer } from 'flatbuffers';
import { DeployError } from '../errors.ts';

/**
 * A FlatBuffers reader that trusts nothing: every offset, vtable entry, vector and string is checked against
 * the file before it is read, and all vectors together may not be larger than a few times the file, so that
 * a small file whose vectors overlap cannot take all memory.
 */
export interface FlatbufferFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly buffer: ByteBuffer;
  /** Bytes that vectors and strings may still take. */
  readonly allowance: { bytes: number };
}

export interface Table {
  readonly file: FlatbufferFile;
  /** What the table holds, for errors: `tensor 3`. */
  readonly what: string;
  readonly position: number;
  /** Bytes of the table itself. */
  readonly size: number;
  readonly vtable: number;
  readonly fields: number;
}

export function openFlatbuffer(name: string, bytes: Uint8Array): FlatbufferFile {
  return { name, bytes, buffer: new ByteBuffer(bytes), allowance: { bytes: 16 * bytes.length + 65536 } };
}

/** The error for anything in the file that does not hold together. */
export function damaged(file: FlatbufferFile, what: string): DeployError {
  return new DeployError(
    'input',
    `the model is damaged or cut off: ${what}.`,
    { file: file.name },
    'Copy or export the file again.',
  );
}

export function rootTable(file: FlatbufferFile, what: string): Table {
  requireBytes(file, 0, 8, 'the header');
  return tableAt(file, file.buffer.readUint32(0), what);
}

function requireBytes(file: FlatbufferFile, position: number, length: number, what: string): void {
  if (position < 0 || length < 0 || position + length > file.bytes.length)
    throw damaged(file, `${what} lies outside the file's ${file.bytes.length} bytes`);
}

function tableAt(file: FlatbufferFile, position: number, what: string): Table {
  requireBytes(file, position, 4, what);
  const vtable = position - file.buffer.readInt32(position);
  requireBytes(file, vtable, 4, `the vtable of ${what}`);
  const vtableSize = file.buffer.readUint16(vtable);
  const size = file.buffer.readUint16(vtable + 2);
  if (vtableSize < 4 || size < 4) throw damaged(file, `the vtable of ${what} is too short`);
  requireBytes(file, vtable, vtableSize, `the vtable of ${what}`);
  requireBytes(file, position, size, what);
  return { file, what, position, size, vtable, fields: (vtableSize - 4) >> 1 };
}

/** Where a field of `width` bytes is; null when the table does not have it. */
function fieldAt(table: Table, field: number, width: number): number | null {
  if (field >= table.fields) return null;
  const offset = table.file.buffer.readUint16(table.vtable + 4 + 2 * field);
  if (offset === 0) return null;
  if (offset < 4 || offset + width > table.size)
    throw damaged(table.file, `field ${field} of ${table.what} lies outside its table`);
  return table.position + offset;
}

export function int8Field(table: Table, field: number, fallback: number): number {
  const at = fieldAt(table, field, 1);
  return at === null ? fallback : table.file.buffer.readInt8(at);
}

export function uint8Field(table: Table, field: number, fallback: number): number {
  const at = fieldAt(table, field, 1);
  return at === null ? fallback : table.file.buffer.readUint8(at);
}

export function int32Field(table: Table, field: number, fallback: number): number {
  const at = fieldAt(table, field, 4);
  return at === null ? fallback : table.file.buffer.readInt32(at);
}

export function uint32Field(table: Table, field: number, fallback: number): number {
  const at = fieldAt(table, field, 4);
  return at === null ? fallback : table.file.buffer.readUint32(at);
}

/** A 64-bit length or offset; beyond 2⁵³ it is outside any file anyway. */
export function uint64Field(table: Table, field: number, fallback: number): number {
  const at = fieldAt(table, field, 8);
  return at === null ? fallback : Number(table.file.buffer.readUint64(at));
}

export function float32Field(table: Table, field: number, fallback: number): number {
  const at = fieldAt(table, field, 4);
  return at === null ? fallback : table.file.buffer.readFloat32(at);
}

export function tableField(table: Table, field: number, what: string): Table | null {
  const at = fieldAt(table, field, 4);
  return at === null ? null : tableAt(table.file, at + table.file.buffer.readUint32(at), what);
}

interface Vector {
  readonly start: number;
  readonly length: number;
}

function vectorField(table: Table, field: number, width: number, what: string): Vector | null {
  const { file } = table;
  const at = fieldAt(table, field, 4);
  if (at === null) return null;
  const position = at + file.buffer.readUint32(at);
  requireBytes(file, position, 4, what);
  const length = file.buffer.readUint32(position);
  if (length * width > file.bytes.length - position - 4)
    throw damaged(file, `${what} claims ${length} elements, more than the file holds`);
  return { start: position + 4, length };
}

function spend(file: FlatbufferFile, bytes: number, what: string): void {
  file.allowance.bytes -= bytes;
  if (file.allowance.bytes < 0) throw damaged(file, `${what} and others overlap far beyond the file's size`);
}

function numbers(
  table: Table,
  field: number,
  width: number,
  what: string,
  read: (at: number) => number,
): readonly number[] {
  const vector = vectorField(table, field, width, what);
  if (vector === null) return [];
  spend(table.file, vector.length * 8, what);
  return Array.from({ length: vector.length }, (_, index) => read(vector.start + index * width));
}

export function int32Vector(table: Table, field: number, what: string): readonly number[] {
  return numbers(table, field, 4, what, (at) => table.file.buffer.readInt32(at));
}

export function float32Vector(table: Table, field: number, what: string): readonly number[] {
  return numbers(table, field, 4, what, (at) => table.file.buffer.readFloat32(at));
}

/** 64-bit integers as numbers: exact up to 2⁵³, far beyond any zero point. */
export function int64Vector(table: Table, field: number, what: string): readonly number[] {
  return numbers(table, field, 8, what, (at) => Number(table.file.buffer.readInt64(at)));
}

/** A view of the file's own bytes, not a copy; null when absent. */
export function byteVector(table: Table, field: number, what: string): Uint8Array | null {
  const vector = vectorField(table, field, 1, what);
  return vector === null ? null : table.file.bytes.subarray(vector.start, vector.start + vector.length);
}

export function tableVector(table: Table, field: number, what: string, limit: number): readonly Table[] {
  const { file } = table;
  const vector = vectorField(table, field, 4, `the list of ${what}s`);
  if (vector === null) return [];
  if (vector.length > limit)
    throw new DeployError(
      'input',
      `the model has ${vector.length} ${what}s, more than the ${limit} that are allowed.`,
      { file: file.name },
      'No network for a microcontroller is that large.',
    );
  spend(file, vector.length * 64, `the list of ${what}s`);
  return Array.from({ length: vector.length }, (_, index) => {
    const at = vector.start + index * 4;
    return tableAt(file, at + file.buffer.readUint32(at), `${what} ${index}`);
  });
}

/** UTF-8 text, cut after `limit` bytes; bytes that are no UTF-8 become U+FFFD. */
export function stringField(table: Table, field: number, what: string, limit: number): string {
  const vector = vectorField(table, field, 1, what);
  if (vector === null) return '';
  const length = Math.min(vector.length, limit);
  spend(table.file, length, what);
  return new TextDecoder().decode(table.file.bytes.subarray(vector.start, vector.start + length));
}
