import type { Answers } from '../measurement.ts';

/** Answers as a measurement keeps them, and what differs between two of them. */

/** A sample that is answered differently now. */
export interface ChangedAnswer {
  /** Position in the test data, 0-based. */
  readonly index: number;
  readonly before: number;
  readonly after: number;
  /** The right class; null where labels are no classes, or there are none. */
  readonly truth: number | null;
  readonly wasRight: boolean | null;
  readonly isRight: boolean | null;
}

export type AnswerComparison =
  | {
      readonly kind: 'compared';
      readonly samples: number;
      /** Those that were right and are wrong now first, then the others; values by how much they changed. */
      readonly changed: readonly ChangedAnswer[];
      /** Right before, wrong now; null without classes. */
      readonly lost: number | null;
      /** Wrong before, right now. */
      readonly gained: number | null;
    }
  | { readonly kind: 'incomparable'; readonly why: string };

/** Answers in base64: classes as whole numbers, values as float32, little-endian. */
export function packAnswers(kind: Answers['kind'], answers: readonly number[]): string {
  return kind === 'class' ? packClasses(answers) : base64(Float32Array.from(answers));
}

/** One byte each where that is enough for all of them, else two. */
export function packClasses(classes: readonly number[]): string {
  return base64(classes.every((each) => each < 256) ? Uint8Array.from(classes) : Uint16Array.from(classes));
}

/** One bit each, the lowest of a byte first. */
export function packFlags(flags: readonly boolean[]): string {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [index, flag] of flags.entries())
    if (flag) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  return base64(bytes);
}

/** What differs, or why it cannot be told. A report comes from outside: whatever its answers hold, this gives one or the other. */
export function compareAnswers(before: Answers | null, after: Answers | null): AnswerComparison {
  const incomparable = (why: string): AnswerComparison => ({ kind: 'incomparable', why });
  if (after === null) return incomparable('there is no test data');
  if (before === null) return incomparable('the baseline has no answers');
  if (before.data !== after.data || before.of !== after.of || before.samples !== after.samples)
    return incomparable('the baseline was measured on other test data');
  if (before.kind !== after.kind) return incomparable('the baseline has answers of another kind');
  const old = unpack(before);
  const now = unpack(after);
  if (old === null || now === null) return incomparable('the answers cannot be read');
  const { samples, of, tolerance } = after;
  const changed = Array.from({ length: samples }, (_, at) => at)
    .filter((at) => differs(old.answers[at] as number, now.answers[at] as number, tolerance))
    .map(
      (at): ChangedAnswer => ({
        index: sampleIndex(at, samples, of),
        before: old.answers[at] as number,
        after: now.answers[at] as number,
        truth: now.truths?.[at] ?? null,
        wasRight: old.isRight?.(at) ?? null,
        isRight: now.isRight?.(at) ?? null,
      }),
    );
  const isLost = ({ wasRight, isRight }: ChangedAnswer) => wasRight === true && isRight === false;
  const isGained = ({ wasRight, isRight }: ChangedAnswer) => wasRight === false && isRight === true;
  const lost = changed.filter(isLost);
  const gained = changed.filter(isGained);
  const others = changed.filter((each) => !isLost(each) && !isGained(each));
  const hasTruth = now.isRight !== null && old.isRight !== null;
  return {
    kind: 'compared',
    samples,
    changed:
      after.kind === 'class'
        ? [...lost, ...gained, ...others]
        : changed.toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before)),
    lost: hasTruth ? lost.length : null,
    gained: hasTruth ? gained.length : null,
  };
}

/** Position in the test data of sample `at` of those that are scored, spread evenly. */
export function sampleIndex(at: number, samples: number, of: number): number {
  return Math.floor((at * of) / samples);
}

/** How many samples each class has, and how many of them are right; null without classes or labels. */
export function rightByClass(
  answers: Answers,
): ReadonlyMap<number, { readonly samples: number; readonly right: number }> | null {
  const read = unpack(answers);
  if (read === null || read.truths === null || read.isRight === null) return null;
  const classes = new Map<number, { samples: number; right: number }>();
  for (const [at, truth] of read.truths.entries()) {
    const known = classes.get(truth) ?? { samples: 0, right: 0 };
    classes.set(truth, { samples: known.samples + 1, right: known.right + (read.isRight(at) ? 1 : 0) });
  }
  return classes;
}

/** What a class is called: its name, or its number. */
export function className({ classes }: Pick<Answers, 'classes'>, index: number): string {
  return classes[index] ?? String(index);
}

interface Unpacked {
  readonly answers: ArrayLike<number>;
  readonly truths: readonly number[] | null;
  readonly isRight: ((at: number) => boolean) | null;
}

function unpack({ kind, samples, answers, truths, right }: Answers): Unpacked | null {
  const values = kind === 'class' ? unpackClasses(answers, samples) : unpackValues(answers, samples);
  const labels = truths === null ? null : unpackClasses(truths, samples);
  const flags = right === null ? null : Buffer.from(right, 'base64');
  if (values === null || (truths !== null && labels === null)) return null;
  if (flags !== null && flags.length !== Math.ceil(samples / 8)) return null;
  return {
    answers: values,
    truths: labels,
    isRight: flags === null ? null : (at) => ((flags[at >> 3] as number) & (1 << (at & 7))) !== 0,
  };
}

function unpackClasses(text: string, samples: number): number[] | null {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === samples) return [...bytes];
  if (bytes.length !== 2 * samples) return null;
  return Array.from({ length: samples }, (_, at) => bytes.readUInt16LE(2 * at));
}

function unpackValues(text: string, samples: number): number[] | null {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 4 * samples) return null;
  return Array.from({ length: samples }, (_, at) => bytes.readFloatLE(4 * at));
}

function differs(before: number, after: number, tolerance: number): boolean {
  return before !== after && !(Math.abs(after - before) <= tolerance);
}

function base64(values: Uint8Array | Uint16Array | Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}
