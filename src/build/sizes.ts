import type { MemoryMap } from '../targets/target.ts';
import { type Elf, type ElfSection, type ElfSymbol, sectionFlag, sectionType } from './elf.ts';
import type { FlashUse, LayerSize, RamUse, Section } from './firmware.ts';

/** The stack is reserved, not used: it has a number of its own. */
const stackSection = '.harness.stack';

/** Sections that occupy memory at run time, in address order. */
export function memorySections(elf: Elf): readonly Section[] {
  return elf.sections
    .filter((section) => (section.flags & sectionFlag.alloc) !== 0 && section.bytes > 0)
    .map((section) => ({
      name: section.name,
      address: section.address,
      bytes: section.bytes,
      memory: memoryOf(section),
    }));
}

function memoryOf(section: ElfSection): Section['memory'] {
  if (section.type === sectionType.noBits) return 'ram';
  return (section.flags & sectionFlag.write) !== 0 && section.name.includes('.data') ? 'both' : 'flash';
}

/** Flash by purpose; initial values of `.data` are flash too. The parts add up to all flash sections. */
export function flashUse(sections: readonly Section[]): FlashUse {
  const inFlash = sections.filter((section) => section.memory !== 'ram');
  const sum = (belongs: (name: string) => boolean): number =>
    inFlash.reduce((total, section) => total + (belongs(section.name) ? section.bytes : 0), 0);
  return {
    code: sum((name) => name === '.model.text'),
    weights: sum((name) => name === '.model.weights'),
    tables: sum((name) => name === '.model.tables' || name === '.model.data'),
    runtime: sum((name) => name.startsWith('.runtime.')),
    harness: sum((name) => !name.startsWith('.model.') && !name.startsWith('.runtime.')),
  };
}

/** Static RAM by purpose, the reserved stack aside. */
export function ramUse(sections: readonly Section[]): RamUse {
  const inRam = sections.filter((section) => section.memory !== 'flash' && section.name !== stackSection);
  const sum = (belongs: (name: string) => boolean): number =>
    inRam.reduce((total, section) => total + (belongs(section.name) ? section.bytes : 0), 0);
  return {
    arena: sum((name) => name === '.model.arena'),
    data: sum((name) => name === '.model.data' || name === '.model.bss' || name.startsWith('.runtime.')),
    harness: sum((name) => name.startsWith('.harness.')),
  };
}

/** The function of a layer: its own symbol, or the compiler's specialised copy of it (`.constprop.0` and such). */
export function layerFunction(functions: readonly ElfSymbol[], layer: string): ElfSymbol | undefined {
  return (
    functions.find((symbol) => symbol.name === layer) ??
    functions.find((symbol) => symbol.name.startsWith(`${layer}.`))
  );
}

/** Bytes by layer, from symbol sizes: `<model>_layer_<number>_…` says whose they are. */
export function layerSizes(elf: Elf, model: string, layerSymbols: readonly string[]): readonly LayerSize[] {
  const functions = elf.symbols.filter((symbol) => symbol.kind === 'function');
  const sectionNames = elf.sections.map((section) => section.name);
  const objects = elf.symbols.filter((symbol) => symbol.kind === 'object');
  return layerSymbols.map((symbol) => {
    const prefix = layerPrefix(model, symbol);
    const own = objects.filter((object) => object.name.startsWith(prefix));
    const inSection = (section: string): number =>
      own.reduce((sum, object) => sum + (sectionNames[object.section] === section ? object.bytes : 0), 0);
    return {
      symbol,
      address: layerFunction(functions, symbol)?.address ?? 0,
      // What a fused layer calls for its members goes by its name.
      code: codeOf(functions, symbol) + sumOf(functions.filter(({ name }) => name.startsWith(`${symbol}_`))),
      weights: inSection('.model.weights'),
      tables: inSection('.model.tables'),
    };
  });
}

/** Bytes of a function, with the copies and parts that the compiler made of it (`.constprop.0`, `.part.0`). */
export function codeOf(functions: readonly ElfSymbol[], symbol: string): number {
  return sumOf(functions.filter(({ name }) => name === symbol || name.startsWith(`${symbol}.`)));
}

function sumOf(symbols: readonly ElfSymbol[]): number {
  return symbols.reduce((sum, { bytes }) => sum + bytes, 0);
}

function layerPrefix(model: string, symbol: string): string {
  const rest = symbol.slice(model.length);
  const match = /^_layer_\d+_/.exec(rest);
  return match === null ? `${symbol}_` : model + match[0];
}

/** What firmware needs of a memory, and what is there. */
export interface MemoryNeed {
  readonly memory: 'flash' | 'RAM';
  readonly needed: number;
  readonly available: number;
}

/** Bytes from the start of flash and RAM to the end of what is in them, stack and gaps included. */
export function memoryNeeds(firmware: {
  readonly sections: readonly Section[];
  readonly map: MemoryMap;
}): readonly MemoryNeed[] {
  const { sections, map } = firmware;
  const end = (memory: Section['memory'], origin: number): number =>
    sections
      .filter((section) => section.memory === memory || (memory === 'ram' && section.memory === 'both'))
      .reduce((last, section) => Math.max(last, section.address + section.bytes), origin) - origin;
  const initialValues = sections
    .filter((section) => section.memory === 'both')
    .reduce((sum, section) => sum + section.bytes, 0);
  return [
    { memory: 'flash', needed: end('flash', map.flash.origin) + initialValues, available: map.flash.bytes },
    { memory: 'RAM', needed: end('ram', map.ram.origin), available: map.ram.bytes },
  ];
}

/** The memories that are too small, one clause each ("needs 312,480 of 262,144 bytes of RAM"); empty when all fits. */
export function tooBig(needs: readonly MemoryNeed[]): readonly string[] {
  return needs
    .filter((need) => need.needed > need.available)
    .map(
      (need) =>
        `needs ${need.needed.toLocaleString('en-US')} of ${need.available.toLocaleString('en-US')} bytes of ${need.memory}`,
    );
}
