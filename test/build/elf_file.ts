/** Writes small ELF32 files for Arm, so that the reader is tested on files whose content is known. */

export interface WrittenSection {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly address?: number;
  readonly content: Uint8Array;
}

export interface WrittenSymbol {
  readonly name: string;
  readonly address: number;
  readonly bytes?: number;
  /** STT_NOTYPE 0, STT_OBJECT 1, STT_FUNC 2 */
  readonly type?: number;
  /** Index into the sections that were given. */
  readonly section: number;
}

export function writeElf(sections: readonly WrittenSection[], symbols: readonly WrittenSymbol[]): Uint8Array {
  const strings = (names: readonly string[]): { bytes: Uint8Array; offsets: number[] } => {
    const offsets: number[] = [];
    let text = '\0';
    for (const name of names) {
      offsets.push(text.length);
      text += `${name}\0`;
    }
    return { bytes: new Uint8Array(Buffer.from(text, 'latin1')), offsets };
  };
  const symbolNames = strings(symbols.map((symbol) => symbol.name));
  const symbolTable = new DataView(new ArrayBuffer(16 * (symbols.length + 1)));
  symbols.forEach((symbol, index) => {
    const at = 16 * (index + 1);
    symbolTable.setUint32(at, symbolNames.offsets[index] ?? 0, true);
    symbolTable.setUint32(at + 4, symbol.address, true);
    symbolTable.setUint32(at + 8, symbol.bytes ?? 0, true);
    symbolTable.setUint8(at + 12, symbol.type ?? 0);
    symbolTable.setUint16(at + 14, symbol.section + 1, true);
  });
  const tables = [
    { name: '.symtab', type: 2, content: new Uint8Array(symbolTable.buffer) },
    { name: '.strtab', type: 3, content: symbolNames.bytes },
  ];
  const named = [...sections, ...tables, { name: '.shstrtab', type: 3, content: new Uint8Array(0) }];
  const names = strings(named.map((section) => section.name));
  const all: WrittenSection[] = named.map((section, index) =>
    index === named.length - 1 ? { ...section, content: names.bytes } : section,
  );

  const headerStart = 52 + all.reduce((sum, section) => sum + section.content.length, 0);
  const bytes = new Uint8Array(headerStart + 40 * (all.length + 1));
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 40, true);
  view.setUint32(32, headerStart, true);
  view.setUint16(46, 40, true);
  view.setUint16(48, all.length + 1, true);
  view.setUint16(50, all.length, true);
  let offset = 52;
  all.forEach((section, index) => {
    bytes.set(section.content, offset);
    const at = headerStart + 40 * (index + 1);
    view.setUint32(at, names.offsets[index] ?? 0, true);
    view.setUint32(at + 4, section.type ?? 1, true);
    view.setUint32(at + 8, section.flags ?? 0, true);
    view.setUint32(at + 12, section.address ?? 0, true);
    view.setUint32(at + 16, offset, true);
    view.setUint32(at + 20, section.content.length, true);
    view.setUint32(at + 24, section.name === '.symtab' ? all.length - 1 : 0, true);
    view.setUint32(at + 36, section.name === '.symtab' ? 16 : 0, true);
    offset += section.content.length;
  });
  return bytes;
}

export function halfwords(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value & 0xff, value >> 8]));
}
