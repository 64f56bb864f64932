/**
 * What a Thumb instruction costs depends on its kind: this reads the kind from the encoding (Armv6-M DDI 0419,
 * Armv7-M DDI 0403), and the registers where they decide whether two accesses overlap. Checked against objdump in
 * test/cycles.
 */

export const kinds = [
  'single',
  'load',
  'load-double',
  'load-multiple',
  'load-pc',
  'store',
  'store-double',
  'store-multiple',
  'branch',
  'conditional-branch',
  'compare-branch',
  'call',
  'branch-register',
  'call-register',
  'table-branch',
  'multiply',
  'multiply-accumulate',
  'multiply-dsp',
  'multiply-long',
  'multiply-accumulate-long',
  'divide',
  'it',
  'special',
  'float',
  'float-multiply-accumulate',
  'float-divide',
  'float-load',
  'float-store',
  'vector',
] as const;

export type Kind = (typeof kinds)[number];

export interface Instruction {
  readonly kind: Kind;
  /** Bytes, 2 or 4. */
  readonly bytes: 2 | 4;
  /** Of load and store multiple: how many, PC and LR included. */
  readonly registers: number;
  /** Of a load multiple: whether it is a return or jump too. */
  readonly loadsPc: boolean;
  /** Bit n: Rn is written by a single load (value or written-back base). */
  readonly loaded: number;
  /** Bit n: the address of a single load or store depends on Rn. */
  readonly address: number;
  /** The address is PC-relative. */
  readonly isLiteral: boolean;
  /** A store whose address is a register plus a register. */
  readonly isIndexed: boolean;
  /** Of IT: how many instructions it governs. */
  readonly governs: number;
}

const pc = 15;

/** `second` is read only where the first halfword begins a 32-bit instruction. */
export function decodeThumb(first: number, second: number): Instruction {
  return first >> 11 >= 0b11101 ? decodeWide(first, second) : decodeNarrow(first);
}

function of(bytes: 2 | 4, kind: Kind, details: Partial<Instruction> = {}): Instruction {
  return {
    kind,
    bytes,
    registers: 0,
    loadsPc: false,
    loaded: 0,
    address: 0,
    isLiteral: false,
    isIndexed: false,
    governs: 0,
    ...details,
  };
}

function decodeNarrow(code: number): Instruction {
  const low = (at: number): number => 1 << ((code >> at) & 7);
  const is = (mask: number, value: number): boolean => (code & mask) === value;
  const loads = (target: number, address: number): Instruction =>
    of(2, 'load', { loaded: target, address, isLiteral: address === 1 << pc });
  if (is(0xf800, 0x4800)) return loads(low(8), 1 << pc);
  if (is(0xf000, 0x5000))
    return is(0xfe00, 0x5000) || is(0xfe00, 0x5200) || is(0xfe00, 0x5400)
      ? of(2, 'store', { address: low(3) | low(6), isIndexed: true })
      : loads(low(0), low(3) | low(6));
  if (is(0xe000, 0x6000) || is(0xf000, 0x8000))
    return (code & 0x0800) === 0 ? of(2, 'store', { address: low(3) }) : loads(low(0), low(3));
  if (is(0xf800, 0x9000)) return of(2, 'store', { address: 1 << 13 });
  if (is(0xf800, 0x9800)) return loads(low(8), 1 << 13);
  if (is(0xfe00, 0xb400)) return of(2, 'store-multiple', { registers: ones(code & 0x1ff) });
  if (is(0xfe00, 0xbc00))
    return of(2, 'load-multiple', { registers: ones(code & 0x1ff), loadsPc: (code & 0x100) !== 0 });
  if (is(0xf800, 0xc000)) return of(2, 'store-multiple', { registers: ones(code & 0xff) });
  if (is(0xf800, 0xc800)) return of(2, 'load-multiple', { registers: ones(code & 0xff) });
  if (is(0xff00, 0xbf00) && (code & 0xf) !== 0)
    return of(2, 'it', { governs: 4 - Math.log2(code & -code & 0xf) });
  if (is(0xf500, 0xb100)) return of(2, 'compare-branch');
  if (is(0xf000, 0xd000)) return of(2, (code & 0x0e00) === 0x0e00 ? 'special' : 'conditional-branch');
  if (is(0xf800, 0xe000)) return of(2, 'branch');
  if (is(0xff80, 0x4700)) return of(2, 'branch-register');
  if (is(0xff80, 0x4780)) return of(2, 'call-register');
  if (is(0xff87, 0x4687) || is(0xff87, 0x4487)) return of(2, 'branch-register');
  if (is(0xffc0, 0x4340)) return of(2, 'multiply');
  return of(2, 'single');
}

function decodeWide(first: number, second: number): Instruction {
  const is = (mask: number, value: number): boolean => (first & mask) === value;
  const base = 1 << (first & 15);
  const target = 1 << (second >> 12);
  if (is(0xfe40, 0xe800))
    return (first & 0x10) === 0
      ? of(4, 'store-multiple', { registers: ones(second) })
      : of(4, 'load-multiple', { registers: ones(second), loadsPc: (second & 0x8000) !== 0 });
  if (is(0xfe40, 0xe840)) {
    if (is(0xfff0, 0xe8d0) && (second & 0xffe0) === 0xf000) return of(4, 'table-branch');
    const isDouble = (first & 0x0120) !== 0;
    const isLoad = (first & 0x10) !== 0;
    if (isDouble) return of(4, isLoad ? 'load-double' : 'store-double');
    return isLoad ? of(4, 'load', { loaded: target, address: base }) : of(4, 'store', { address: base });
  }
  if (is(0xec00, 0xec00)) return decodeCoprocessor(first, second);
  if (is(0xf800, 0xf000) && (second & 0x8000) !== 0) return of(4, controlKind(first, second));
  if (is(0xff10, 0xf800)) {
    const isIndexed = (first & 0x80) === 0 && (second & 0x0fc0) === 0;
    return of(4, 'store', { address: base | (isIndexed ? 1 << (second & 15) : 0), isIndexed });
  }
  if (is(0xfe10, 0xf810)) return decodeLoad(first, second);
  if (is(0xff80, 0xfb00)) return of(4, multiplyKind(first, second));
  if (is(0xff80, 0xfb80)) return of(4, longKind(first, second));
  return of(4, 'single');
}

function decodeLoad(first: number, second: number): Instruction {
  const isWord = (first & 0x60) === 0x40;
  const target = second >> 12;
  const base = first & 15;
  // A byte or half-word to PC is a preload hint.
  if (target === pc) return of(4, isWord ? 'load-pc' : 'single');
  const isImmediate = (first & 0x80) !== 0 || (second & 0x800) !== 0;
  const isIndexed = base !== pc && !isImmediate;
  const writesBack = base !== pc && (first & 0x80) === 0 && (second & 0x900) === 0x900;
  return of(4, 'load', {
    loaded: (1 << target) | (writesBack ? 1 << base : 0),
    address: (1 << base) | (isIndexed ? 1 << (second & 15) : 0),
    isLiteral: base === pc,
  });
}

function controlKind(first: number, second: number): Kind {
  switch (second & 0xd000) {
    case 0xd000:
      return 'call';
    case 0x9000:
      return 'branch';
    case 0xc000:
      // Low-overhead loops of Armv8.1-M.
      return 'vector';
    default:
      // F3AF: NOP and other hints.
      if (first === 0xf3af) return 'single';
      return (first & 0x0380) === 0x0380 ? 'special' : 'conditional-branch';
  }
}

function multiplyKind(first: number, second: number): Kind {
  if ((first & 0x70) !== 0) return 'multiply-dsp';
  if ((second & 0xf0) === 0x10) return 'multiply-accumulate';
  return second >> 12 === pc ? 'multiply' : 'multiply-accumulate';
}

function longKind(first: number, second: number): Kind {
  const operation = (first >> 4) & 7;
  const variant = (second >> 4) & 15;
  if ((operation & 0b101) === 1) return 'divide';
  if (operation < 4) return 'multiply-long';
  if (operation === 4 && variant !== 0) return 'multiply-dsp';
  return operation === 5 ? 'multiply-dsp' : 'multiply-accumulate-long';
}

function decodeCoprocessor(first: number, second: number): Instruction {
  const isFloat = (second & 0x0e00) === 0x0a00 && (first & 0xfc00) === 0xec00 && (first & 0x1000) === 0;
  if (!isFloat) return of(4, 'vector');
  if ((first & 0xfe00) === 0xec00) {
    if ((first & 0xffe0) === 0xec40) return of(4, 'float');
    const isLoad = (first & 0x10) !== 0;
    const registers = (first & 0xff20) === 0xed00 ? 1 : second & 0xff;
    return of(4, isLoad ? 'float-load' : 'float-store', { registers });
  }
  if ((first & 0xff00) !== 0xee00) return of(4, 'vector');
  const operation = first & 0xffb0;
  if ((second & 0x10) !== 0) return of(4, 'float');
  if (operation === 0xee80 && (second & 0x40) === 0) return of(4, 'float-divide');
  if ((first & 0xffbf) === 0xeeb1 && (second & 0xc0) === 0xc0) return of(4, 'float-divide');
  const accumulates = [0xee00, 0xee10, 0xee90, 0xeea0].includes(operation);
  return of(4, accumulates ? 'float-multiply-accumulate' : 'float');
}

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
