import { readElf } from '../build/elf.ts';
import type { MemoryMap } from '../targets/target.ts';

/**
 * The first two words of the vector table (initial stack pointer, reset handler): for a board whose core looks
 * for them elsewhere than at the start of flash.
 */
export function initialRegisters(elf: Uint8Array, map: MemoryMap): Uint8Array {
  const read = readElf(elf);
  const vectors = read.sections.find((section) => section.address === map.flash.origin && section.bytes >= 8);
  if (vectors === undefined) throw new RangeError('no vector table at the start of flash');
  return read.content(vectors).slice(0, 8);
}
