import { plain } from './markdown_text.ts';

/** What stands in the comment in place of a report that could not be made; `message` may hold names from the pull request. */
export function renderFailure(message: string): string {
  return [
    '## ❌ Nothing was measured',
    plain(message, 1000),
    'There are figures again when this is mended; those of earlier commits are in the reports of their runs.\n',
  ].join('\n\n');
}
