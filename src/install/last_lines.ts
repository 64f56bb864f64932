import { printable } from '../errors.ts';

/** The end of what a program complained with, a few lines that are safe to print, each indented; '' when it said nothing. */
export function lastLines(text: string, most = 6): string {
  return text
    .slice(-100_000)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-most)
    .map((line) => `  ${printable(line, 300)}`)
    .join('\n');
}
