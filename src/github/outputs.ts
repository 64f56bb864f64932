import type { Report } from '../report/report.ts';

/** The outputs, keyed as in action.yml. */
export interface Outputs {
  readonly verdict: string;
  readonly failed: string;
  readonly 'report-json': string;
  readonly 'report-html': string;
  readonly 'comment-url': string;
  readonly flash: string;
  readonly ram: string;
  readonly instructions: string;
  /** Percent, or in the metric's own units. */
  readonly accuracy: string;
}

export const outputNames = [
  'verdict',
  'failed',
  'report-json',
  'report-html',
  'comment-url',
  'flash',
  'ram',
  'instructions',
  'accuracy',
] as const satisfies readonly (keyof Outputs)[];

export interface ReportFiles {
  readonly json: string;
  readonly html: string;
}

/** `first row` is the first measurement: the first model of the configuration on its first target. */
export function outputsOf(report: Report, files: ReportFiles, commentUrl: string): Outputs {
  const [first] = report.measurements;
  return {
    verdict: report.verdict.status,
    failed: String(report.rows.filter((row) => row.status === 'fail').length),
    'report-json': files.json,
    'report-html': files.html,
    'comment-url': commentUrl,
    flash: number(first?.flash.total),
    ram: number(first?.ram.total),
    instructions: number(first?.instructions?.total),
    accuracy: number(first?.accuracy?.value),
  };
}

function number(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

/** Those of mode `plan`, which makes no report. */
export const planOutputNames = ['matrix', 'plan'] as const;
