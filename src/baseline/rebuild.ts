import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import type { Measurement } from '../measurement.ts';
import type { Base } from './base.ts';
import { repositoryOf } from './commits.ts';
import { withWorktree } from './worktree.ts';

/** What the head is compared with; `note` is one sentence for the report. */
export type RebuiltBaseline<Limits> =
  | {
      readonly source: 'rebuilt';
      readonly commit: string;
      readonly note: string;
      readonly measurements: readonly Measurement[];
      readonly limits: readonly Limits[];
    }
  | {
      readonly source: 'none';
      readonly commit: null;
      readonly note: string;
      readonly measurements: readonly [];
    };

/** A commit's measurements, and the limits that its own configuration sets. */
export interface MeasuredCommit<Limits> {
  readonly measurements: readonly Measurement[];
  readonly limits: readonly Limits[];
}

/**
 * The measurements of the commit to compare with, made anew from its files with today's tools. `measure` is
 * given the project's folder in a checkout of that commit. Never throws for what can be said in a note: a
 * change is reported without a baseline rather than not at all.
 */
export async function rebuildBaseline<Limits>(
  projectFolder: string,
  base: Base,
  measure: (projectFolder: string) => Promise<MeasuredCommit<Limits>>,
): Promise<RebuiltBaseline<Limits>> {
  const repository = await repositoryOf(projectFolder);
  if (repository === null) return none('This is no git repository.');
  if (base.kind === 'none') return none(sentenceOf(base.why));
  const { commit, how } = base;
  try {
    const measured = await withWorktree(repository, commit, async (folder) => {
      const project = relative(repository, projectFolder);
      if (!existsSync(join(folder, project)))
        return `The base commit ${commit.slice(0, 12)} has no folder ${printable(project, 80)}.`;
      try {
        return await measure(join(folder, project));
      } catch (error) {
        if (!(error instanceof DeployError)) throw error;
        return `The base commit ${commit.slice(0, 12)} could not be measured: ${reasonOf(error, folder)}`;
      }
    });
    if (typeof measured === 'string') return none(measured);
    return { source: 'rebuilt', commit, note: sentenceOf(`it is ${how}`), ...measured };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return none(error.message);
  }
}

/**
 * Without the advice on what is wrong with the commit as a whole: nobody can mend that any more. And without where it was
 * checked out, which is another place in each run, and would make another comment.
 */
function reasonOf({ kind, what, where, message }: DeployError, folder: string): string {
  const reason = kind === 'input' && where.file === undefined ? what : message;
  return reason.replaceAll(`${folder}${sep}`, '');
}

/** A clause as a sentence. */
export function sentenceOf(clause: string): string {
  return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}

function none(note: string): RebuiltBaseline<never> {
  return { source: 'none', commit: null, note, measurements: [] };
}
