import { posix, sep } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Report } from '../report/report.ts';

export interface Annotation {
  readonly message: string;
  readonly title: string;
  /** From the repository's root, with slashes. */
  readonly file?: string;
  /** 1-based. */
  readonly startLine?: number;
  /** 1-based. */
  readonly startColumn?: number;
}

/** GitHub shows ten errors of a step and drops the rest silently. */
const shown = 10;

/** One annotation for each reason of a negative verdict; the last one says how many more there are. */
export function reportAnnotations(report: Report, projectFolder: string): readonly Annotation[] {
  const all = report.verdict.reasons.map(
    (reason): Annotation => ({
      message: reason.message,
      title:
        reason.model === null || reason.target === null
          ? 'tinyml-deploy'
          : `${reason.model} on ${reason.target}`,
      ...(reason.file === null ? {} : { file: inRepository(projectFolder, reason.file) }),
      ...(reason.file === null || reason.line === null ? {} : { startLine: reason.line }),
    }),
  );
  if (all.length <= shown) return all;
  const more = all.length - (shown - 1);
  return [
    ...all.slice(0, shown - 1),
    { message: `${more} more reasons are in the report.`, title: 'tinyml-deploy' },
  ];
}

/** A warning for each budget that this change loosens, at its line: it fails nothing, and a reviewer should see it. */
export function loosenedAnnotations(report: Report, projectFolder: string): readonly Annotation[] {
  return report.notices
    .filter(({ kind }) => kind === 'loosened-budget')
    .slice(0, shown)
    .map(({ message, file, line }) => ({
      message,
      title: 'A budget is loosened',
      ...(file === null ? {} : { file: inRepository(projectFolder, file) }),
      ...(file === null || line === null ? {} : { startLine: line }),
    }));
}

/** Whatever ended the run: a `DeployError` at its place, anything else as a defect of ours. */
export function errorAnnotation(error: unknown, projectFolder: string): Annotation {
  if (!(error instanceof DeployError)) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      message: `tinyml-deploy failed for a reason that it does not know: ${message}. Please report it.`,
      title: 'tinyml-deploy',
    };
  }
  const { file, line, column } = error.where;
  const inside = file !== undefined && !posix.isAbsolute(file);
  return {
    message: error.message,
    title: error.kind === 'input' ? 'The input is wrong' : 'A tool failed',
    ...(inside ? { file: inRepository(projectFolder, file) } : {}),
    ...(inside && line !== undefined ? { startLine: line } : {}),
    ...(inside && line !== undefined && column !== undefined ? { startColumn: column } : {}),
  };
}

/** `projectFolder` from the repository's root, as the system writes it. */
function inRepository(projectFolder: string, file: string): string {
  return posix.normalize(posix.join(projectFolder.split(sep).join('/'), file.split(sep).join('/')));
}
