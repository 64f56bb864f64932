import { printable } from '../errors.ts';

/** Text from models, configurations and pull requests, made harmless in GitHub's Markdown: it shows as it is, and pings, links and formats nothing. */

/** A name as a code span: no HTML, mention, reference or link is live inside, and no text of it can pass for a marker of ours. */
export function code(text: string, limit = 80): string {
  const safe = printable(text, limit).replace(/[`|]|<(?=!--)/g, escapedCode);
  return safe.trim() === '' ? '`(no name)`' : `\`${safe}\``;
}

function escapedCode(character: string): string {
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}

/** Running text. Punctuation that Markdown reads becomes an entity, which it never does. */
export function plain(text: string, limit = 400): string {
  return (
    printable(text, limit)
      .replace(/[&<>"'`*_[\]|\\~#!:/$]/g, (character) => `&#${character.charCodeAt(0)};`)
      // Mentions and references are found after entities are read: a space of no width stops them.
      .replace(/@/g, '@\u200b')
      .replace(/\bGH-(?=\d)/gi, (start) => `${start}\u200b`)
      .replace(/&#35;/g, '&#35;\u200b')
      .replace(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`)
  );
}

/** Inside an HTML block, where Markdown is not read. */
export function html(text: string, limit = 400): string {
  return printable(text, limit).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A commit that GitHub links by itself when it is one; a code span when it isn't. */
export function commit(sha: string): string {
  return /^[0-9a-f]{40}$/.test(sha) ? sha : code(sha, 40);
}
