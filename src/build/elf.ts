/** A small reader of little-endian ELF32 executables: sections, symbols and loaded segments. */

export interface ElfSection {
  readonly name: string;
  /** SHT_PROGBITS 1, SHT_NOBITS 8, … */
  readonly type: number;
  /** SHF_WRITE 1, SHF_ALLOC 2, SHF_EXECINSTR 4 */
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly bytes: number;
  readonly alignment: number;
}

export type ElfSymbolKind = 'object' | 'function' | 'other';

export interface ElfSymbol {
  readonly name: string;
  /** Functions without the Thumb bit. */
  readonly address: number;
  readonly bytes: number;
  readonly kind: ElfSymbolKind;
  /** Index into `sections`; 0xfff1 for absolute symbols. */
  readonly section: number;
}

/** PT_LOAD. */
export interface ElfSegment {
  readonly offset: number;
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

export interface Elf {
  readonly entry: number;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly segments: readonly ElfSegment[];
  /** The file's bytes of a section; empty for .bss. */
  content(section: ElfSection): Uint8Array;
}

export const sectionType = { symbols: 2, noBits: 8 } as const;
export const sectionFlag = { write: 1, alloc: 2, execute: 4 } as const;

/** Throws RangeError when the bytes are no ELF32 for Arm or an offset points outside of the file. */
export function readElf(bytes: Uint8Array): Elf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 52 || view.getUint32(0, false) !== 0x7f454c46) throw new RangeError('not an ELF file');
  if (view.getUint8(4) !== 1 || view.getUint8(5) !== 1)
    throw new RangeError('not a little-endian ELF32 file');
  if (view.getUint16(18, true) !== 40) throw new RangeError('not an ELF file for Arm');

  const headers = table(
    view,
    view.getUint32(32, true),
    view.getUint16(48, true),
    view.getUint16(46, true),
    40,
  );
  const unnamed = headers.map((at) => ({
    nameOffset: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getUint32(at + 8, true),
    address: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
    bytes: view.getUint32(at + 20, true),
    link: view.getUint32(at + 24, true),
    alignment: view.getUint32(at + 32, true),
    entryBytes: view.getUint32(at + 36, true),
  }));
  const content = (section: { type: number; offset: number; bytes: number }): Uint8Array =>
    section.type === sectionType.noBits ? new Uint8Array(0) : slice(bytes, section.offset, section.bytes);

  const nameTable = unnamed[view.getUint16(50, true)];
  const names = nameTable === undefined ? new Uint8Array(0) : content(nameTable);
  const sections = unnamed.map(({ nameOffset, ...section }) => ({
    ...section,
    name: textAt(names, nameOffset),
  }));

  const symbols = sections
    .filter((section) => section.type === sectionType.symbols)
    .flatMap((section) => {
      const strings = sections[section.link];
      if (strings === undefined) throw new RangeError('a symbol table without its names');
      return readSymbols(content(section), section.entryBytes, content(strings));
    });

  const segments = table(
    view,
    view.getUint32(28, true),
    view.getUint16(44, true),
    view.getUint16(42, true),
    32,
  )
    .filter((at) => view.getUint32(at, true) === 1)
    .map((at) => ({
      offset: view.getUint32(at + 4, true),
      virtualAddress: view.getUint32(at + 8, true),
      physicalAddress: view.getUint32(at + 12, true),
      fileBytes: view.getUint32(at + 16, true),
      memoryBytes: view.getUint32(at + 20, true),
    }));

  return { entry: view.getUint32(24, true), sections, symbols, segments, content };
}

/** Offsets of a table's entries, all inside of the file. */
function table(view: DataView, start: number, count: number, stride: number, least: number): number[] {
  if (count === 0) return [];
  if (stride < least || start + count * stride > view.byteLength)
    throw new RangeError('an ELF table reaches beyond the file');
  return Array.from({ length: count }, (_, index) => start + index * stride);
}

function slice(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (offset + length > bytes.length) throw new RangeError('an ELF section reaches beyond the file');
  return bytes.subarray(offset, offset + length);
}

function textAt(strings: Uint8Array, offset: number): string {
  if (offset >= strings.length) return '';
  const end = strings.indexOf(0, offset);
  return Buffer.from(strings.subarray(offset, end < 0 ? strings.length : end)).toString('utf8');
}

function readSymbols(content: Uint8Array, stride: number, strings: Uint8Array): ElfSymbol[] {
  if (stride < 16) throw new RangeError('a symbol table with entries that are too small');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from({ length: Math.floor(content.length / stride) }, (_, index) => {
    const at = index * stride;
    const type = view.getUint8(at + 12) & 0xf;
    const value = view.getUint32(at + 4, true);
    const kind: ElfSymbolKind = type === 1 ? 'object' : type === 2 ? 'function' : 'other';
    return {
      name: textAt(strings, view.getUint32(at, true)),
      address: kind === 'function' ? (value & ~1) >>> 0 : value,
      bytes: view.getUint32(at + 8, true),
      kind,
      section: view.getUint16(at + 14, true),
    };
  });
}
