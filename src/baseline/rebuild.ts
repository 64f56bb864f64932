import { join, relative } from 'node:path';
import { DeployError } from '../errors.ts';
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
      try {
        return await measure(join(folder, relative(repository, projectFolder)));
      } catch (error) {
        if (!(error instanceof DeployError)) throw error;
        return `The base commit ${commit.slice(0, 12)} could not be measured: ${error.message}`;
      }
    });
    if (typeof measured === 'string') return none(measured);
    return { source: 'rebuilt', commit, note: sentenceOf(`it is ${how}`), ...measured };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return none(error.message);
  }
}

/** A clause as a sentence. */
export function sentenceOf(clause: string): string {
  return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}

function none(note: string): RebuiltBaseline<never> {
  return { source: 'none', commit: null, note, measurements: [] };
}
