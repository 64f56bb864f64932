import { DeployError } from '../errors.ts';
import { type Elf, type ElfSection, sectionFlag, sectionType } from './elf.ts';

export interface ForeignInstruction {
  readonly address: number;
  /** Hexadecimal halfwords. */
  readonly encoding: string;
}

/** Throws DeployError (`tool`) when executable code holds an instruction that Armv6-M does not have. */
export function checkArmv6M(elf: Elf): void {
  const [first, ...others] = foreignToArmv6M(elf);
  if (first === undefined) return;
  const owner = elf.symbols
    .filter((symbol) => symbol.kind === 'function' && symbol.address <= first.address)
    .reduce((last, symbol) => (symbol.address > last.address ? symbol : last), { name: '?', address: -1 });
  throw new DeployError(
    'tool',
    `the firmware for an Armv6-M core holds ${others.length + 1} instruction(s) that Armv6-M does not have, the first (${first.encoding}) at 0x${first.address.toString(16)} in ${owner.name}.`,
    {},
    'A kernel or library was built for another core.',
  );
}

/**
 * Instructions in executable sections that Armv6-M (DDI 0419) lacks. Code and data are told apart by the mapping
 * symbols $t and $d (AAELF32).
 */
export function foreignToArmv6M(elf: Elf): readonly ForeignInstruction[] {
  const executable = sectionFlag.alloc | sectionFlag.execute;
  return elf.sections.flatMap((section, index) =>
    (section.flags & executable) === executable && section.type !== sectionType.noBits
      ? foreignIn(elf, section, index)
      : [],
  );
}

function foreignIn(elf: Elf, section: ElfSection, index: number): ForeignInstruction[] {
  const content = elf.content(section);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const marked = elf.symbols
    .filter((symbol) => symbol.section === index && /^\$[atd](\.|$)/.test(symbol.name))
    .map((symbol) => ({ offset: symbol.address - section.address, code: symbol.name[1] !== 'd' }))
    .sort((a, b) => a.offset - b.offset);
  // What no symbol speaks for counts as code.
  const mapping = marked[0]?.offset === 0 ? marked : [{ offset: 0, code: true }, ...marked];
  const ranges = mapping.map((start, position) => ({
    ...start,
    end: Math.min(mapping[position + 1]?.offset ?? content.length, content.length),
  }));
  return ranges
    .filter((range) => range.code)
    .flatMap((range) => scan(view, range.offset, range.end, section));
}

function scan(view: DataView, start: number, end: number, section: ElfSection): ForeignInstruction[] {
  const found: ForeignInstruction[] = [];
  for (let at = start; at + 2 <= end; ) {
    const first = view.getUint16(at, true);
    const isWide = first >> 11 >= 0b11101;
    const second = isWide && at + 4 <= end ? view.getUint16(at + 2, true) : 0;
    if (isWide ? !isArmv6MWide(first, second) : !isArmv6MNarrow(first))
      found.push({
        address: section.address + at,
        encoding: isWide ? `${hex(first)} ${hex(second)}` : hex(first),
      });
    at += isWide ? 4 : 2;
  }
  return found;
}

/** Only BL, MSR, MRS, DMB, DSB, ISB and UDF.W are 32 bits wide. */
function isArmv6MWide(first: number, second: number): boolean {
  const isBranchWithLink = (first & 0xf800) === 0xf000 && (second & 0xd000) === 0xd000;
  const isMoveToSpecial = (first & 0xfff0) === 0xf380 && (second & 0xff00) === 0x8800;
  const isMoveFromSpecial = first === 0xf3ef && (second & 0xf000) === 0x8000;
  const isBarrier = first === 0xf3bf && [0x8f40, 0x8f50, 0x8f60].includes(second & 0xfff0);
  const isUndefined = (first & 0xfff0) === 0xf7f0 && (second & 0xf000) === 0xa000;
  return isBranchWithLink || isMoveToSpecial || isMoveFromSpecial || isBarrier || isUndefined;
}

/** Of the 16-bit instructions only CBZ/CBNZ, IT and changes of PRIMASK's sibling FAULTMASK came later. */
function isArmv6MNarrow(instruction: number): boolean {
  const isCompareAndBranch = (instruction & 0xf500) === 0xb100;
  const isIfThen = (instruction & 0xff00) === 0xbf00 && (instruction & 0x000f) !== 0;
  const isChangeOfFaultMask = (instruction & 0xffe0) === 0xb660 && (instruction & 1) !== 0;
  return !(isCompareAndBranch || isIfThen || isChangeOfFaultMask);
}

function hex(halfword: number): string {
  return halfword.toString(16).padStart(4, '0');
}
