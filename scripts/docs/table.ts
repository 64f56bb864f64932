/** A Markdown table. `|` and line breaks in cells are made harmless; columns that start with `>` are right-aligned. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [
    line(columns.map((column) => column.replace(/^>/, ''))),
    `|${columns.map((column) => (column.startsWith('>') ? '---:' : '---')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

/** As code, or empty. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
