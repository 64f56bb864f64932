/** Where something is wrong: as much of the place as is known. */
export interface Place {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  readonly tensor?: string;
  readonly operator?: string;
}

/** `input`: what the user gave is wrong (exit code 2). `tool`: a program that we need failed (exit code 3). */
export type ErrorKind = 'input' | 'tool';

/** The one error that leaves a stage: what is wrong, where, and what to do. The shells turn it into an annotation, a terminal line or an exit code. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly kind: ErrorKind;
  readonly what: string;
  readonly where: Place;
  readonly hint: string;

  constructor(kind: ErrorKind, what: string, where: Place = {}, hint = '') {
    super(describe(what, where, hint));
    this.kind = kind;
    this.what = what;
    this.where = where;
    this.hint = hint;
  }
}

/** Text from a model or a pull request, made safe to print on one line: control characters escaped, cut at 120 characters. */
export function printable(text: string, limit = 120): string {
  const escaped = [...text.slice(0, limit + 1)]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
      const isBidi = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
      return isControl || isBidi ? `\\u{${code.toString(16)}}` : character;
    })
    .join('');
  return text.length > limit ? `${escaped.slice(0, limit)}…` : escaped;
}

function describe(what: string, where: Place, hint: string): string {
  const position =
    where.line === undefined ? '' : `:${where.line}${where.column === undefined ? '' : `:${where.column}`}`;
  const place = [
    where.file === undefined ? '' : `${printable(where.file)}${position}`,
    where.operator === undefined ? '' : `operator ${printable(where.operator)}`,
    where.tensor === undefined ? '' : `tensor ${printable(where.tensor)}`,
  ].filter((part) => part !== '');
  const start = place.length === 0 ? '' : `${place.join(', ')}: `;
  return `${start}${what}${hint === '' ? '' : ` ${hint}`}`;
}
