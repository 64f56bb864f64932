import { type MarkdownOptions, renderMarkdown } from './markdown.ts';
import type { Report } from './report.ts';

const note = 'Measured by the pull request’s own workflow run: its figures are what that run says they are.';

/** A report from a run that may be a stranger's: the same text, and a line that says whose figures they are. */
export function foreignComment(
  report: Report,
  options: MarkdownOptions & { readonly limit: number },
): string {
  const end = `\n<sub>${note}</sub>\n`;
  return `${renderMarkdown(report, { ...options, limit: options.limit - end.length })}${end}`;
}
