/** The runner drops a step summary that is longer, in bytes. */
export const summaryLimit = 1024 * 1024;

/** The step summary: the report, or, past the limit, the short one with a sentence that says so. */
export function summaryText(markdown: string, short: string): string {
  if (Buffer.byteLength(markdown) <= summaryLimit) return markdown;
  return `${short}\n\nThe whole report is longer than a step summary can be: it is in the artifact.\n`;
}
