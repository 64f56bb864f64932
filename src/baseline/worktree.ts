import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import { saysFull } from '../full_disk.ts';
import { fetchCommit } from './commits.ts';
import { git } from './git.ts';

/**
 * Hands a folder with the files of a commit to `use`, and takes it away afterwards, whatever happened. The
 * user's own checkout is not touched. Files in Git LFS stay pointers where they can't be had. Throws a `DeployError` of kind
 * `tool` when the commit can't be had, and whatever `use` throws.
 */
export async function withWorktree<Result>(
  repository: string,
  commit: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const why = await fetchCommit(repository, commit);
  if (why !== '') throw cannot(commit, why);
  const work = await temporaryFolder(commit);
  const folder = join(work, 'tree');
  try {
    const added = await git(repository, [
      'worktree',
      'add',
      '--quiet',
      '--detach',
      '--force',
      folder,
      commit,
    ]);
    if (!added.ok) throw cannot(commit, added.complaint);
    await fetchLargeFiles(folder);
    return await use(folder);
  } finally {
    await git(repository, ['worktree', 'remove', '--force', '--force', folder]);
    await rm(work, { recursive: true, force: true });
    await git(repository, ['worktree', 'prune']);
  }
}

async function temporaryFolder(commit: string): Promise<string> {
  try {
    return await realpath(await mkdtemp(join(tmpdir(), 'tinyml-base-')));
  } catch (error) {
    throw cannot(commit, error instanceof Error ? error.message : String(error));
  }
}

/** A model that stays a pointer is answered by the import, in words; so nothing is said here. */
async function fetchLargeFiles(folder: string): Promise<void> {
  const large = await git(folder, ['ls-files', '--', ':(attr:filter=lfs)']);
  if (large.stdout !== '') await git(folder, ['lfs', 'pull']);
}

function cannot(commit: string, why: string): DeployError {
  if (saysFull(why))
    return new DeployError(
      'tool',
      `The base commit ${printable(commit, 12)} could not be checked out: the disk is full.`,
      {},
      'Free some room and run again.',
    );
  return new DeployError(
    'tool',
    `The base commit ${printable(commit, 12)} could not be checked out: ${printable(why, 200)}.`,
    {},
    'Give actions/checkout `fetch-depth: 0`, and leave its `persist-credentials` on.',
  );
}
