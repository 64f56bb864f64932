import { type Elf, sectionFlag } from '../build/elf.ts';
import type { Range, Timing } from '../targets/timing.ts';
import type { Stretch } from './profile.ts';
import { decodeThumb, type Instruction } from './thumb.ts';

/** Cycles: `estimate` takes the middle of each range, `low` and `high` its ends. */
export interface Cycles {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface CycleEstimate extends Cycles {
  /** One for each stretch between two marks: what comes before the first layer, then the layers. */
  readonly stretches: readonly Cycles[];
}

/**
 * Cycles of the profiled inference from the kinds of its executed instructions. Null where it executed an instruction
 * for which the timing has no number (Helium). Pure.
 */
export function estimateCycles(elf: Elf, profile: readonly Stretch[], timing: Timing): CycleEstimate | null {
  const code = codeOf(elf);
  const stretches: Cycles[] = [];
  for (const stretch of profile) {
    const cycles = stretchCycles(code, stretch, timing);
    if (cycles === null) return null;
    stretches.push(cycles);
  }
  const sum = (of: keyof Cycles): number => stretches.reduce((total, cycles) => total + cycles[of], 0);
  return { estimate: sum('estimate'), low: sum('low'), high: sum('high'), stretches };
}

type Code = (address: number) => Instruction | null;

function codeOf(elf: Elf): Code {
  const known = new Map<number, Instruction | null>();
  const sections = elf.sections
    .filter(({ flags }) => (flags & sectionFlag.execute) !== 0)
    .map((section) => {
      const content = elf.content(section);
      return {
        start: section.address,
        view: new DataView(content.buffer, content.byteOffset, content.byteLength),
      };
    });
  const decode = (address: number): Instruction | null => {
    const section = sections.find(
      ({ start, view }) => address >= start && address + 2 <= start + view.byteLength,
    );
    if (section === undefined) return null;
    const at = address - section.start;
    const second = at + 4 <= section.view.byteLength ? section.view.getUint16(at + 2, true) : 0;
    return decodeThumb(section.view.getUint16(at, true), second);
  };
  return (address) => {
    const found = known.get(address);
    if (found !== undefined) return found;
    const instruction = decode(address);
    known.set(address, instruction);
    return instruction;
  };
}

function stretchCycles(code: Code, { executed }: Stretch, timing: Timing): Cycles | null {
  const inOrder = executed.toSorted((a, b) => a.address - b.address);
  let [low, middle, high] = [0, 0, 0];
  // Instructions that an IT before them governs, still to come.
  let governed = 0;
  let before: { instruction: Instruction; end: number; count: number } | null = null;
  for (const { address, count, sequential } of inOrder) {
    const instruction = code(address);
    if (instruction === null || instruction.kind === 'vector') return null;
    const follows: typeof before = before !== null && before.end === address ? before : null;
    if (follows === null) governed = 0;
    const base = baseCycles(instruction, timing);
    const jumps = jumpsOf(instruction, count, sequential);
    const skippable = governed > 0 ? Math.min(1, base[0]) - base[0] : 0;
    const [quick, slow] = waits(instruction, timing);
    const overlap = overlaps(instruction, follows, timing) ? Math.min(follows?.count ?? 0, count) : 0;
    const refill = timing.refill;
    low += count * (base[0] + quick + skippable) - overlap + jumps * refill[0];
    middle += count * (centre(base) + (quick + slow) / 2) - overlap + jumps * centre(refill);
    high += count * (base[1] + slow) + jumps * refill[1];
    governed = instruction.kind === 'it' ? instruction.governs : Math.max(0, governed - 1);
    before = { instruction, end: address + instruction.bytes, count };
  }
  return { low: Math.floor(low), estimate: Math.round(middle), high: Math.ceil(high) };
}

function baseCycles({ kind, registers }: Instruction, timing: Timing): Range {
  const [low, high] = timing.cycles[kind] ?? timing.other;
  const [each, most] = timing.perRegister;
  return [low + registers * each, high + registers * most];
}

/** How often an instruction did not go on with the next one in memory. */
function jumpsOf({ kind, loadsPc }: Instruction, count: number, sequential: number): number {
  switch (kind) {
    case 'conditional-branch':
    case 'compare-branch':
    case 'branch':
    case 'call':
    case 'branch-register':
    case 'call-register':
    case 'table-branch':
    case 'load-pc':
      return count - sequential;
    case 'load-multiple':
      return loadsPc ? count - sequential : 0;
    default:
      return 0;
  }
}

/** What an access may take beyond its base. */
function waits({ isLiteral, isIndexed, kind }: Instruction, timing: Timing): Range {
  if (kind === 'load' && isLiteral) return timing.literal;
  return kind === 'store' && isIndexed ? timing.indexedStore : [0, 0];
}

function overlaps(
  instruction: Instruction,
  before: { instruction: Instruction } | null,
  timing: Timing,
): boolean {
  return (
    timing.loadsOverlap &&
    instruction.kind === 'load' &&
    before?.instruction.kind === 'load' &&
    (before.instruction.loaded & instruction.address) === 0
  );
}

function centre([low, high]: Range): number {
  return (low + high) / 2;
}
