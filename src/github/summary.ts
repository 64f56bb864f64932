import { summary } from '@actions/core';

/** The runner drops a step summary of more than 1 MiB; a character of Markdown takes three bytes at most. */
export const summaryCharacters = Math.floor((1024 * 1024) / 3);

/** Appends to the step summary; outside of a workflow there is none, and nothing happens. */
export async function writeSummary(markdown: string): Promise<void> {
  if ((process.env.GITHUB_STEP_SUMMARY ?? '') === '') return;
  await summary.addRaw(markdown, true).write();
}
