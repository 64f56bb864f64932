import { printable } from '../errors.ts';

/** Text as it is, in an element or an attribute in double quotes. */
export function escapeHtml(text: string, limit = 400): string {
  return printable(text, limit).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A line in small print; nothing stays nothing. */
export function small(text: string, className = ''): string {
  if (text === '') return '';
  return `<small${className === '' ? '' : ` class="${className}"`}>${escapeHtml(text)}</small>`;
}

/** A figure with its exact value, for programs that read the page. */
export function figure(value: number | null, text: string): string {
  return value === null ? escapeHtml(text) : `<data value="${value}">${escapeHtml(text)}</data>`;
}

/** Of a whole, for a style attribute: `12.34%`. */
export function percentOf(part: number, whole: number): string {
  return `${whole === 0 ? '0' : ((100 * part) / whole).toFixed(3)}%`;
}
