import { elementCount } from '../graph/graph.ts';
import { limits } from '../graph/validate.ts';

/**
 * A reader of the part of HDF5 in which Keras keeps weights: version 0 of the superblock, groups of old style, float32 in
 * one piece, texts as attributes (HDF5 File Format Specification 1.1). All that is read is checked against the file, and
 * each group, node and message is looked at once, so that nothing loops. What it does not know is NotCovered.
 */

/** The file is damaged, or not of the part that is read here: another reader may know better. */
export class NotCovered extends Error {}

export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Hdf5Group {
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  /** Each read when it is asked for: a file may hold others than float32. Throws NotCovered. */
  readonly datasets: ReadonlyMap<string, () => Hdf5Dataset>;
  /** Attributes that are texts. */
  readonly texts: ReadonlyMap<string, string>;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const undefinedAddress = 0xffff_ffff_ffff_ffffn;
const mostSteps = 100_000;
const deepest = 16;

const message = {
  dataspace: 0x01,
  datatype: 0x03,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
} as const;

interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

interface File {
  readonly view: DataView;
  /** Counts what was looked at. */
  readonly steps: { left: number };
  /** Nodes that were read already: none is there twice. */
  readonly seen: Set<number>;
}

/** The groups below `names` of the root, e.g. `layers` alone; throws NotCovered. */
export function readHdf5(bytes: Uint8Array, names: readonly string[]): Hdf5Group {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file: File = { view, steps: { left: mostSteps }, seen: new Set() };
  return checked(() => {
    if (!signature.every((byte, at) => view.getUint8(at) === byte)) throw new NotCovered('no HDF5 signature');
    const isKnown = view.getUint8(8) === 0 && view.getUint8(13) === 8 && view.getUint8(14) === 8;
    if (!isKnown || view.getBigUint64(24, true) !== 0n) throw new NotCovered('another kind of superblock');
    return readGroup(file, messagesOf(file, addressAt(file, 64)), names, 0);
  });
}

/** An offset outside of the file is a file that is cut off. */
function checked<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new NotCovered('it is cut off');
    throw error;
  }
}

function step({ steps }: File): void {
  if (--steps.left < 0) throw new NotCovered('it has too many parts');
}

/** An address or a length; larger ones than the file are none. */
function addressAt({ view }: File, at: number): number {
  const address = view.getBigUint64(at, true);
  if (address > BigInt(view.byteLength)) throw new NotCovered('an address lies outside of it');
  return Number(address);
}

function expect({ view }: File, at: number, text: string): void {
  for (const [index, letter] of [...text].entries())
    if (view.getUint8(at + index) !== letter.charCodeAt(0))
      throw new NotCovered(`${text} is not where it should be`);
}

/** The messages of an object, those of its continuations too. */
function messagesOf(file: File, address: number): readonly Message[] {
  const { view } = file;
  if (view.getUint8(address) !== 1) throw new NotCovered('another kind of object header');
  let expected = view.getUint16(address + 2, true);
  const blocks = [{ at: address + 16, end: address + 16 + view.getUint32(address + 8, true) }];
  const messages: Message[] = [];
  for (const block of blocks) {
    let { at } = block;
    while (expected > 0 && at + 8 <= block.end) {
      step(file);
      expected--;
      const type = view.getUint16(at, true);
      const size = view.getUint16(at + 2, true);
      const isShared = (view.getUint8(at + 4) & 2) !== 0;
      if (isShared) throw new NotCovered('a shared message');
      const data = at + 8;
      if (data + size > block.end) throw new NotCovered('a message leaves its block');
      if (type === message.continuation) {
        const start = addressAt(file, data);
        blocks.push({ at: start, end: start + addressAt(file, data + 8) });
      } else messages.push({ type, at: data, size });
      at = data + size;
    }
  }
  return messages;
}

function only(messages: readonly Message[], type: number): Message {
  const [found, another] = messages.filter((each) => each.type === type);
  if (found === undefined || another !== undefined)
    throw new NotCovered(`an object without its message ${type}`);
  return found;
}

function readGroup(
  file: File,
  messages: readonly Message[],
  names: readonly string[] | null,
  depth: number,
): Hdf5Group {
  if (depth > deepest) throw new NotCovered('groups too deep');
  const { at } = only(messages, message.symbolTable);
  const groups = new Map<string, Hdf5Group>();
  const datasets = new Map<string, () => Hdf5Dataset>();
  for (const [name, address] of membersOf(file, addressAt(file, at), addressAt(file, at + 8))) {
    if (names !== null && !names.includes(name)) continue;
    const member = messagesOf(file, address);
    if (member.some(({ type }) => type === message.symbolTable))
      groups.set(name, readGroup(file, member, null, depth + 1));
    else datasets.set(name, () => checked(() => readDataset(file, member)));
  }
  const texts = new Map<string, string>();
  for (const each of messages) if (each.type === message.attribute) readAttribute(file, each, texts);
  return { groups, datasets, texts };
}

/** Names and addresses of the objects in a group, from its B-tree and its heap of names. */
function membersOf(file: File, tree: number, heap: number): ReadonlyMap<string, number> {
  const { view } = file;
  expect(file, heap, 'HEAP');
  const names = addressAt(file, heap + 24);
  const members = new Map<string, number>();
  const nodes = [tree];
  for (const node of nodes) {
    step(file);
    if (file.seen.has(node)) throw new NotCovered('a node is there twice');
    file.seen.add(node);
    if (view.getUint8(node) === 'T'.charCodeAt(0)) {
      expect(file, node, 'TREE');
      if (view.getUint8(node + 4) !== 0) throw new NotCovered('another kind of tree');
      const entries = view.getUint16(node + 6, true);
      for (let entry = 0; entry < entries; entry++) nodes.push(addressAt(file, node + 32 + 16 * entry));
      if (nodes.length > mostSteps) throw new NotCovered('it has too many parts');
      continue;
    }
    expect(file, node, 'SNOD');
    const symbols = view.getUint16(node + 6, true);
    for (let symbol = 0; symbol < symbols; symbol++) {
      step(file);
      const at = node + 8 + 40 * symbol;
      if (view.getUint32(at + 16, true) === 2) throw new NotCovered('a link');
      const name = textAt(file, names + addressAt(file, at));
      if (members.has(name)) throw new NotCovered('a name is there twice');
      members.set(name, addressAt(file, at + 8));
    }
  }
  return members;
}

const longestText = 1024;

/** Until a zero. */
function textAt({ view }: File, at: number): string {
  let end = at;
  while (view.getUint8(end) !== 0)
    if (++end - at > longestText) throw new NotCovered('a name without an end');
  return decoded(view, at, end - at);
}

function decoded(view: DataView, at: number, length: number): string {
  if (at + length > view.byteLength) throw new NotCovered('a text is cut off');
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

function shapeAt({ view }: File, at: number): readonly number[] {
  const version = view.getUint8(at);
  const rank = view.getUint8(at + 1);
  if ((version !== 1 && version !== 2) || rank > limits.rank)
    throw new NotCovered('another kind of dataspace');
  const first = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, axis) => {
    const size = view.getBigUint64(first + 8 * axis, true);
    if (size > BigInt(limits.tensorBytes)) throw new NotCovered('a tensor is too large');
    return Number(size);
  });
}

/** IEEE 754 in 32 bits, little endian: the ten numbers that describe it. */
const float32Type = [0x20, 0x1f, 0x00, 0, 0, 32, 23, 8, 0, 23];

function isFloat32({ view }: File, at: number): boolean {
  const found = [
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
    0,
    view.getUint16(at + 8, true),
    view.getUint16(at + 10, true),
    view.getUint8(at + 12),
    view.getUint8(at + 13),
    view.getUint8(at + 14),
    view.getUint8(at + 15),
  ];
  const isFloat = (view.getUint8(at) & 15) === 1 && view.getUint32(at + 4, true) === 4;
  return (
    isFloat &&
    float32Type.every((value, index) => value === found[index]) &&
    view.getUint32(at + 16, true) === 127
  );
}

function readDataset(file: File, messages: readonly Message[]): Hdf5Dataset {
  const { view } = file;
  if (messages.some(({ type }) => type === message.filters)) throw new NotCovered('compressed weights');
  const shape = shapeAt(file, only(messages, message.dataspace).at);
  if (!isFloat32(file, only(messages, message.datatype).at))
    throw new NotCovered('weights other than float32');
  const layout = only(messages, message.layout).at;
  if (view.getUint8(layout) !== 3 || view.getUint8(layout + 1) !== 1)
    throw new NotCovered('weights in pieces');
  const count = elementCount(shape);
  if (count * 4 > limits.tensorBytes) throw new NotCovered('a tensor is too large');
  const place = view.getBigUint64(layout + 2, true);
  const size = addressAt(file, layout + 10);
  if (place === undefinedAddress || size !== count * 4) throw new NotCovered('weights without their bytes');
  const at = addressAt(file, layout + 2);
  if (at + size > view.byteLength) throw new NotCovered('weights are cut off');
  return {
    shape,
    values: Float32Array.from({ length: count }, (_, index) => view.getFloat32(at + 4 * index, true)),
  };
}

/** Only texts are kept; anything else is left alone. */
function readAttribute(file: File, { at, size }: Message, texts: Map<string, string>): void {
  const { view } = file;
  const version = view.getUint8(at);
  if (version !== 1 && version !== 3) return;
  const padded = (length: number) => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const [nameSize, typeSize, spaceSize] = [2, 4, 6].map((offset) =>
    padded(view.getUint16(at + offset, true)),
  );
  const name = at + (version === 1 ? 8 : 9);
  const type = name + (nameSize ?? 0);
  const space = type + (typeSize ?? 0);
  const data = space + (spaceSize ?? 0);
  if (data > at + size) throw new NotCovered('an attribute leaves its message');
  const isScalar = view.getUint8(space + 1) === 0;
  const kind = view.getUint8(type) & 15;
  const isVariableText = kind === 9 && (view.getUint8(type + 1) & 15) === 1;
  if (isScalar && isVariableText) texts.set(textAt(file, name), heapText(file, data));
}

/** A text in the global heap: its length, the heap's address, and its number there. */
function heapText(file: File, at: number): string {
  const { view } = file;
  const length = view.getUint32(at, true);
  if (length > longestText) throw new NotCovered('a text is too long');
  const heap = addressAt(file, at + 4);
  const wanted = view.getUint32(at + 12, true);
  expect(file, heap, 'GCOL');
  const end = heap + addressAt(file, heap + 8);
  for (let object = heap + 16; object + 16 <= end; ) {
    step(file);
    const index = view.getUint16(object, true);
    const size = addressAt(file, object + 8);
    if (index === wanted && length <= size) return decoded(view, object + 16, length);
    if (index === 0) break;
    object += 16 + Math.ceil(size / 8) * 8;
  }
  throw new NotCovered('a text is missing');
}
