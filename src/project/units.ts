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

/** `2M` → 2000000 estimated cycles, and `20 ms @ 80 MHz` → 1600000, as many as the core's clock has in that time. */
export function parseCycles(written: string | number, where: Place): number {
  const hint = 'Write a count such as `2M`, or a time and a clock such as `20 ms @ 80 MHz`.';
  const text = typeof written === 'string' ? written.trim().replace(/\s*cycles$/, '') : written;
  const [time = '', clock, ...more] = String(text).split('@');
  if (clock === undefined) return parse(text, countFactors, where, () => hint);
  const duration = scaled(time, { s: 1, ms: 1e3, us: 1e6, µs: 1e6 });
  const frequency = scaled(clock, { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 });
  if (duration === null || frequency === null || more.length > 0) throw notUnderstood(written, where, hint);
  const cycles = Math.floor(
    Number(((duration.number / duration.factor) * frequency.number * frequency.factor).toPrecision(15)),
  );
  if (!Number.isSafeInteger(cycles) || cycles < 1) throw notUnderstood(written, where, hint);
  return cycles;
}

/** `2 mJ` or `500 µJ` → nJ. */
export function parseEnergy(written: string | number, where: Place): number {
  const hint = 'Write an energy with its unit, such as `2 mJ` or `500 uJ`.';
  const energy = scaled(String(written), energyFactors);
  if (energy === null) throw notUnderstood(written, where, hint);
  const value = Math.floor(Number((energy.number * energy.factor).toPrecision(15)));
  if (!Number.isSafeInteger(value) || value < 1) throw notUnderstood(written, where, hint);
  return value;
}

const energyFactors: Factors = { nJ: 1, uJ: 1e3, µJ: 1e3, mJ: 1e6, J: 1e9 };

/** A number and the factor of its unit, which must be there. */
function scaled(
  written: string,
  factors: Factors,
): { readonly number: number; readonly factor: number } | null {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-zµ]+)$/.exec(written.trim());
  const unit = match?.[2] ?? '';
  const factor = Object.hasOwn(factors, unit) ? factors[unit] : undefined;
  return match === null || factor === undefined ? null : { number: Number(match[1]), factor };
}

/** `+1 KiB`, `+10k` or `+2 uJ`, the sign may be left out → 1024 bytes, 10000 instructions or cycles, 2000 nJ; 0 allows no growth at all. */
export function parseGrowth(written: string | number, where: Place, of: 'size' | 'count' | 'energy'): number {
  const text = String(written)
    .trim()
    .replace(/^\+\s*/, '');
  if (/^0(\s*(B|KiB|MiB|k|M|nJ|[uµ]J|mJ))?$/.test(text)) return 0;
  if (of === 'energy') return parseEnergy(text, where);
  return of === 'size' ? parseBytes(text, where) : parseInstructions(text, where);
}

/** `0.05`, or of a bound on the difference from the baseline `+0.01` for growth and `-0.01` for a fall; 0 allows neither. */
export function parseNumber(written: string | number, where: Place, of: 'limit' | 'growth' | 'fall'): number {
  const match = /^([+\-−]?)\s*(\d{1,12}(?:\.\d{1,12})?(?:e[+-]?\d{1,2})?)$/i.exec(String(written).trim());
  const sign = match?.[1]?.replace('−', '-') ?? '';
  const size = Number(match?.[2] ?? Number.NaN);
  const value = sign === '-' && size > 0 ? -size : size;
  const isAllowed = of === 'limit' ? sign !== '+' : of === 'fall' ? value <= 0 : value >= 0;
  if (match !== null && isAllowed) return value;
  const example = { limit: '0.05', growth: '+0.01', fall: '-0.01' }[of];
  throw notUnderstood(written, where, `Write a number such as \`${example}\`.`);
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
