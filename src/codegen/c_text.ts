/** Pieces of C text: literals, initialisers, comments. Pure and deterministic. */

const lineWidth = 110;

/** A comment must not end early, whatever a model is called. */
export function commentText(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll('/*', '/ *').replaceAll('\\', '/');
}

/** Shortest float literal that gives back the same float32; infinities and not-a-number by what gcc and clang have for them. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return '__builtin_nanf("")';
  if (!Number.isFinite(Math.fround(value))) return value < 0 ? '(-__builtin_inff())' : '__builtin_inff()';
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return `${withPoint(String(Number(text)))}f`;
  }
  return `${withPoint(String(value))}f`;
}

function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** int32 literals: -2147483648 is an expression of a wider type in C. */
export function integerLiteral(value: number): string {
  if (!Number.isInteger(value)) throw new RangeError(`${value} is not an integer`);
  return value === -2147483648 ? '(-2147483647 - 1)' : String(value);
}

/** Items joined by ", ", broken into indented lines. */
export function wrapped(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    const next = line === '' ? item : `${line}, ${item}`;
    if (indent.length + next.length + 1 > lineWidth && line !== '') {
      lines.push(`${line},`);
      line = item;
    } else {
      line = next;
    }
  }
  lines.push(line);
  return lines.map((text) => indent + text).join('\n');
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
