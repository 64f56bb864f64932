import { renderMarkdown } from '../report/markdown.ts';
import { code } from '../report/markdown_text.ts';
import { bytes } from '../report/numbers.ts';
import type { Report } from '../report/report.ts';
import { findTarget } from '../targets/index.ts';
import type { Deployment } from './deployment.ts';

/** GitHub takes 125,000 characters as the text of a release; the files' table needs the rest. */
const reportCharacters = 80_000;
const maximumRows = 200;

/** First line of the notes: what people wrote stands above it, and stays when the notes are written again. */
export const notesMarker = '<!-- tinyml-deploy -->';

/** The text of the release's page: what everything costs, and what the files are. */
export function renderNotes(report: Report, deployments: readonly Deployment[]): string {
  const rows = deployments.slice(0, maximumRows).map((each) => {
    const sizes = [...each.firmware, each.library].map((file) => bytes(file.bytes));
    const { origin } = findTarget(each.measurement.target).renode.map.flash;
    return `| ${code(each.name, 100)} | ${[...sizes, `\`0x${origin.toString(16).padStart(8, '0')}\``].join(' | ')} |`;
  });
  const hidden = deployments.length - rows.length;
  return [
    notesMarker,
    renderMarkdown(report, { limit: reportCharacters }).trimEnd(),
    '## Files',
    [
      '| Files | `.elf` | `.bin` | `.hex` | `.zip` | `.bin` starts at |',
      '|:--|--:|--:|--:|--:|--:|',
      ...rows,
    ].join('\n'),
    hidden > 0 ? `${hidden} more left out to fit.` : '',
    [
      'The `.zip` is the C library, for your product. `.elf`, `.bin` and `.hex` are the firmware that was measured: that library and the measuring harness, for the emulated board.',
      '`sha256sum --check SHA256SUMS` checks what was downloaded; `bom.cdx.json` (CycloneDX) says what it was made of.',
    ].join('<br>\n'),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n');
}
