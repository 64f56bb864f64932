import { DeployError } from '../errors.ts';
import { parseReport } from '../report/json.ts';
import type { Report } from '../report/report.ts';
import { fileInArchive } from './untrusted_archive.ts';

/** A report that a stranger's workflow made: data, of which every text is escaped by who renders it. */

/** A report of hundreds of rows has some MiB. */
export const mostReportBytes = 16 * 1024 * 1024;
/** What is downloaded: with the firmware of hundreds of rows. */
export const mostArchiveBytes = 64 * 1024 * 1024;
/** A report nests to less than ten. */
const mostDepth = 32;

export const reportName = 'report.json';

/** The report in an artifact. Throws DeployError (kind `input`) for whatever is none, in one sentence. */
export function reportInArchive(zip: Uint8Array): Report {
  const text = decoded(fileInArchive(zip, reportName, mostReportBytes));
  if (depthOf(text) > mostDepth)
    throw new DeployError('input', `The ${reportName} in the artifact nests deeper than a report does.`);
  return parseReport(text, reportName);
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DeployError('input', `The ${reportName} in the artifact is not UTF-8.`);
  }
}

/** How deep arrays and objects nest; read before anything is built from it. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (isText) {
      if (character === '\\') at += 1;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}
