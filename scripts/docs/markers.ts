/** Text between `<!-- generated: NAME -->` and `<!-- /generated -->` in Markdown is written by `npm run docs`; the rest is written by hand. */

const block = /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- \/generated -->)/g;

/** The names of all generated blocks of a Markdown text, in order. */
export function markerNames(markdown: string): readonly string[] {
  return [...markdown.matchAll(block)].map((match) => match[2] ?? '');
}

/** Every generated block filled with what `content` gives for its name. Throws when a block is opened and not closed. */
export function fillMarkers(markdown: string, content: (name: string) => string): string {
  const opened = markdown.split('<!-- generated: ').length - 1;
  if (opened !== markerNames(markdown).length)
    throw new Error('A `<!-- generated: … -->` has no `<!-- /generated -->` after it.');
  return markdown.replaceAll(
    block,
    (_, open: string, name: string, close: string) => `${open}\n${content(name).trim()}\n\n${close}`,
  );
}
