import { DeployError } from '../errors.ts';

/**
 * A reader of the protobuf wire format that trusts nothing: each length is checked against the message around it, and the
 * fields of a file are counted, so that a file of millions of tiny fields cannot take all memory. Which messages are nested
 * in which the caller says, so that a file cannot nest deeper than the caller reads.
 */
export interface ProtobufFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Fields that may still be read. */
  readonly allowance: { fields: number };
}

export interface Message {
  readonly file: ProtobufFile;
  /** What the message holds, for errors: `node 3`. */
  readonly what: string;
  readonly fields: ReadonlyMap<number, readonly Field[]>;
}

/** Wire types: 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four bytes. */
interface Field {
  readonly wire: 0 | 1 | 2 | 5;
  /** A varint as a signed 64-bit integer, exact up to 2⁵³. */
  readonly value: number;
  /** The bytes of the other types. */
  readonly start: number;
  readonly end: number;
}

const mostFields = 2_000_000;

export function openProtobuf(name: string, bytes: Uint8Array): ProtobufFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { name, bytes, view, allowance: { fields: mostFields } };
}

export function damagedMessage(file: ProtobufFile, what: string): DeployError {
  return new DeployError(
    'input',
    `the model is damaged or cut off: ${what}.`,
    { file: file.name },
    'Copy or export the file again.',
  );
}

export function rootMessage(file: ProtobufFile, what: string, wanted: readonly number[]): Message {
  return readMessage(file, 0, file.bytes.length, what, wanted);
}

/** Reads a signed 64-bit varint: [value, position behind it]. */
function varint(
  file: ProtobufFile,
  position: number,
  end: number,
  what: string,
): readonly [value: number, next: number] {
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let index = 0; index < 10; index++) {
    if (position + index >= end) throw damagedMessage(file, `a number in ${what} runs out of it`);
    const byte = file.bytes[position + index] as number;
    const bits = byte & 0x7f;
    if (index < 4) low |= bits << (7 * index);
    else if (index < 8) middle |= bits << (7 * (index - 4));
    else high |= bits << (7 * (index - 8));
    if (byte < 0x80) {
      const unsigned = (high & 0xff) * 2 ** 56 + middle * 2 ** 28 + low;
      // The complement keeps small negative numbers exact.
      const value =
        (high & 0x80) === 0
          ? unsigned
          : -((~high & 0xff) * 2 ** 56 + (~middle & 0xfffffff) * 2 ** 28 + (~low & 0xfffffff) + 1);
      return [value, position + index + 1];
    }
  }
  throw damagedMessage(file, `a number in ${what} is too long`);
}

function readMessage(
  file: ProtobufFile,
  start: number,
  end: number,
  what: string,
  wanted: readonly number[],
): Message {
  const fields = new Map<number, Field[]>();
  let position = start;
  while (position < end) {
    const [key, next] = varint(file, position, end, what);
    const wire = key & 7;
    const number = Math.floor(key / 8);
    if (key < 8 || (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5))
      throw damagedMessage(file, `${what} has a field of an unknown kind`);
    let value = 0;
    let from = next;
    if (wire === 0) [value, from] = varint(file, next, end, what);
    let length = wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (wire === 2) [length, from] = varint(file, next, end, what);
    if (length < 0 || length > end - from)
      throw damagedMessage(file, `field ${number} of ${what} is longer than ${what}`);
    position = from + length;
    if (--file.allowance.fields < 0) throw damagedMessage(file, `it has more than ${mostFields} fields`);
    if (!wanted.includes(number)) continue;
    const field: Field = { wire, value, start: from, end: position };
    const others = fields.get(number);
    if (others === undefined) fields.set(number, [field]);
    else others.push(field);
  }
  return { file, what, fields };
}

/** The last one of a field that is given once, as the format demands. */
function lastOf(message: Message, field: number, wire: Field['wire']): Field | null {
  const found = message.fields.get(field)?.at(-1);
  if (found === undefined) return null;
  if (found.wire !== wire)
    throw damagedMessage(message.file, `field ${field} of ${message.what} has the wrong kind`);
  return found;
}

export function hasField(message: Message, field: number): boolean {
  return message.fields.has(field);
}

export function integerField(message: Message, field: number, fallback: number): number {
  return lastOf(message, field, 0)?.value ?? fallback;
}

export function floatField(message: Message, field: number, fallback: number): number {
  const found = lastOf(message, field, 5);
  return found === null ? fallback : message.file.view.getFloat32(found.start, true);
}

/** A view of the file's own bytes, not a copy; null when absent. */
export function bytesField(message: Message, field: number): Uint8Array | null {
  const found = lastOf(message, field, 2);
  return found === null ? null : message.file.bytes.subarray(found.start, found.end);
}

/** UTF-8 text, cut after `limit` bytes; bytes that are no UTF-8 become U+FFFD. */
export function textField(message: Message, field: number, limit: number): string {
  return text(bytesField(message, field) ?? new Uint8Array(), limit);
}

export function texts(message: Message, field: number, limit: number): readonly string[] {
  return ranges(message, field).map(({ start, end }) => text(message.file.bytes.subarray(start, end), limit));
}

function text(bytes: Uint8Array, limit: number): string {
  return new TextDecoder().decode(bytes.subarray(0, limit));
}

function ranges(message: Message, field: number): readonly Field[] {
  const found = message.fields.get(field) ?? [];
  if (found.some(({ wire }) => wire !== 2))
    throw damagedMessage(message.file, `field ${field} of ${message.what} has the wrong kind`);
  return found;
}

export function messageField(
  message: Message,
  field: number,
  what: string,
  wanted: readonly number[],
): Message | null {
  const found = lastOf(message, field, 2);
  return found === null ? null : readMessage(message.file, found.start, found.end, what, wanted);
}

export function messages(
  message: Message,
  field: number,
  what: string,
  wanted: readonly number[],
  limit: number,
): readonly Message[] {
  const found = ranges(message, field);
  if (found.length > limit)
    throw new DeployError(
      'input',
      `the model has ${found.length} ${what}s, more than the ${limit} that are allowed.`,
      { file: message.file.name },
      'No network for a microcontroller is that large.',
    );
  return found.map(({ start, end }, index) =>
    readMessage(message.file, start, end, `${what} ${index}`, wanted),
  );
}

/** Repeated integers, packed or one by one. */
export function integers(message: Message, field: number, limit: number): readonly number[] {
  const values: number[] = [];
  for (const { wire, value, start, end } of message.fields.get(field) ?? []) {
    if (wire === 0) values.push(value);
    else if (wire === 2) {
      for (let position = start; position < end; ) {
        const [next, behind] = varint(message.file, position, end, message.what);
        values.push(next);
        position = behind;
        if (values.length > limit) break;
      }
    } else throw damagedMessage(message.file, `field ${field} of ${message.what} has the wrong kind`);
    if (values.length > limit)
      throw damagedMessage(message.file, `${message.what} has more than ${limit} numbers`);
  }
  return values;
}

/** Repeated float32 (`width` 4) or float64 (8), packed or one by one. */
export function floats(message: Message, field: number, width: 4 | 8, limit: number): readonly number[] {
  const values: number[] = [];
  const { view } = message.file;
  for (const { wire, start, end } of message.fields.get(field) ?? []) {
    if (wire === 0 || (end - start) % width !== 0)
      throw damagedMessage(message.file, `field ${field} of ${message.what} has the wrong kind`);
    for (let position = start; position < end; position += width) {
      values.push(width === 4 ? view.getFloat32(position, true) : view.getFloat64(position, true));
      if (values.length > limit)
        throw damagedMessage(message.file, `${message.what} has more than ${limit} numbers`);
    }
  }
  return values;
}
