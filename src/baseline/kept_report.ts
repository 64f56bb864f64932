import { unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { DeployError } from '../errors.ts';
import { parseReport } from '../report/json.ts';
import type { Report } from '../report/report.ts';
import { type BaselineIdentity, baselineIdentity, differenceOf } from './identity.ts';

/** A commit's report as the cache and the artifact of its run keep it: the report, and beside it what it was made with. */
export interface KeptReport {
  /** Text of report.json. */
  readonly report: string;
  /** Text of baseline.json; null where there is none. */
  readonly record: string | null;
}

export const reportName = 'report.json';
export const recordName = 'baseline.json';

const record = z.strictObject({ format: z.literal(1), identity: baselineIdentity });

/** Text of baseline.json. */
export function renderRecord(identity: BaselineIdentity): string {
  return `${JSON.stringify({ format: 1, identity }, null, 2)}\n`;
}

export type ReadReport =
  | { readonly kind: 'report'; readonly report: Report }
  /** `why` continues a sentence: `it was measured with another compiler`. */
  | { readonly kind: 'declined'; readonly why: string };

/** The report, if it is of exactly this identity and without a failure. What is given is untrusted. Never throws. */
export function readKept(kept: KeptReport, wanted: BaselineIdentity): ReadReport {
  const declined = (why: string): ReadReport => ({ kind: 'declined', why });
  let report: Report;
  try {
    report = parseReport(kept.report, reportName);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return declined(lowerFirst(error.what.replace(/\.$/, '')));
  }
  const parsed = record.safeParse(jsonOf(kept.record));
  if (!parsed.success) return declined('it does not say what it was measured with');
  const difference = differenceOf(parsed.data.identity, wanted);
  if (difference !== '') return declined(`it was measured with ${difference}`);
  if (report.head.commit !== wanted.commit) return declined('it is of another commit');
  if (report.tool.version !== wanted.toolVersion) return declined('it was made by another tinyml-deploy');
  if (report.measurements.some(({ failures }) => failures.length > 0))
    return declined('one of its measurements had failed');
  return { kind: 'report', report };
}

/** More than any report takes. */
const largestText = 64 * 1024 * 1024;

/** One archive for a store that keeps bytes. */
export function packKept(report: string, identity: BaselineIdentity): Uint8Array {
  const files = { [reportName]: Buffer.from(report), [recordName]: Buffer.from(renderRecord(identity)) };
  return zipSync(files, { level: 6, mtime: '1980-01-01T00:00:00' });
}

/** null for anything but what packKept wrote; not more than 64 MiB of each file are unpacked. */
export function unpackKept(entry: Uint8Array): KeptReport | null {
  try {
    const files = unzipSync(entry, {
      filter: ({ name, originalSize }) =>
        (name === reportName || name === recordName) && originalSize <= largestText,
    });
    const text = (name: string): string | null => {
      const bytes = files[name];
      return bytes === undefined ? null : Buffer.from(bytes).toString('utf8');
    };
    const report = text(reportName);
    return report === null ? null : { report, record: text(recordName) };
  } catch {
    return null;
  }
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
