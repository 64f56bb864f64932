import { DeployError, type Place, printable } from '../errors.ts';

/** The units that people write in tinyml.yml. Sizes are B, KiB or MiB: KB is read as 1,000 by some and as 1,024 by others, so it is refused. */

type Factors = Readonly<Record<string, number>>;

const sizeFactors: Factors = { '': 1, B: 1, KiB: 1024, MiB: 1024 * 1024 };
const countFactors: Factors = { '': 1, k: 1_000, M: 1_000_000, G: 1_000_000_000 };
const timeFactors: Factors = { '': 1, s: 1, min: 60 };

/** A number with optional groups of three (`1,500,000` or `1_500_000`), a decimal part, and a unit. */
const quantity = /^(\d{1,3}(?:[,_]\d{3})+|\d{1,15})(\.\d{1,6})?\s*([A-Za-z]*)$/;

/** `64 KiB` → 65536. Between whole bytes, the largest whole number that is not above: a size is within the one exactly when it is within the other. */
export function parseBytes(written: string | number, where: Place): number {
  return parse(written, sizeFactors, where, (unit) =>
    /^[kKmM][bB]?$/.test(unit)
      ? `"${unit}" means 1,000s to some and 1,024s to others. Write ${unit[0]?.toUpperCase()}iB, as in \`64 KiB\`.`
      : 'Write a size such as `64 KiB`, `1 MiB` or `65536`.',
  );
}

/** `1.5M` → 1500000 executed instructions. */
export function parseInstructions(written: string | number, where: Place): number {
  const text = typeof written === 'string' ? written.replace(/\s*instructions$/, '') : written;
  return parse(text, countFactors, where, () => 'Write a count such as `1.5M`, `900k` or `1,500,000`.');
}

/** `+1 KiB` or `+10k`, the sign may be left out → 1024 bytes or 10000 instructions; 0 allows no growth at all. */
export function parseGrowth(written: string | number, where: Place, of: 'size' | 'count'): number {
  const text = String(written)
    .trim()
    .replace(/^\+\s*/, '');
  if (/^0(\s*(B|KiB|MiB|k|M))?$/.test(text)) return 0;
  return of === 'size' ? parseBytes(text, where) : parseInstructions(text, where);
}

interface PercentRange {
  /** `-`: a fall, so that the result is at most 0. */
  readonly sign?: '+' | '-';
  readonly highest: number;
}

/** `95%` → 95, `+2%` → 2, `-0.5%` → −0.5. Without `%` it is refused: 0.95 and 95 are both written for the same. */
export function parsePercent(
  written: string | number,
  where: Place,
  { sign, highest }: PercentRange,
): number {
  const match = /^([+\-−]?)\s*(\d{1,7}(?:\.\d{1,6})?)\s*%$/.exec(String(written).trim());
  const number = Number(match?.[2] ?? Number.NaN);
  const given = match?.[1]?.replace('−', '-') ?? '';
  const allowed = sign === '-' ? number === 0 || given === '-' : given === '' || given === sign;
  if (match === null || !allowed || number > highest) {
    const example = { '+': '+2%', '-': '-0.5%', none: '95%' }[sign ?? 'none'];
    throw notUnderstood(written, where, `Write a percentage such as \`${example}\`.`);
  }
  return sign === '-' && number > 0 ? -number : number;
}

/** `60 s` or `2 min` → seconds, from 1 to 3600. */
export function parseSeconds(written: string | number, where: Place): number {
  const hint = 'Write a time from 1 s to 60 min, such as `60 s` or `2 min`.';
  const seconds = parse(written, timeFactors, where, () => hint);
  if (seconds > 3600) throw notUnderstood(written, where, hint);
  return seconds;
}

function parse(
  written: string | number,
  factors: Factors,
  where: Place,
  hintFor: (unit: string) => string,
): number {
  const match = quantity.exec(String(written).trim());
  const unit = match?.[3] ?? '';
  const factor = Object.hasOwn(factors, unit) ? factors[unit] : undefined;
  if (match === null || factor === undefined) throw notUnderstood(written, where, hintFor(unit));
  const digits = `${match[1]?.replaceAll(/[,_]/g, '')}${match[2] ?? ''}`;
  // toPrecision takes back the error of a decimal fraction times a power of ten: 1.1M is 1,100,000.
  const value = Math.floor(Number((Number(digits) * factor).toPrecision(15)));
  if (!Number.isSafeInteger(value) || value < 1) throw notUnderstood(written, where, hintFor(unit));
  return value;
}

function notUnderstood(written: string | number, where: Place, hint: string): DeployError {
  return new DeployError('input', `"${printable(String(written), 40)}" is not understood.`, where, hint);
}
