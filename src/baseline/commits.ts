import { git } from './git.ts';

const fullHash = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Whether a text is a whole commit hash (SHA-1 or SHA-256), and so no option and no ref for git. */
function isCommitHash(text: string): boolean {
  return fullHash.test(text);
}

export interface Head {
  readonly commit: string;
  /** As the commit itself names them: a shallow clone knows them too, though it does not have them. */
  readonly parents: readonly string[];
}

/** What is checked out in a folder; null outside of a git repository or before its first commit. */
export async function headOf(folder: string): Promise<Head | null> {
  const commit = await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (!commit.ok || !isCommitHash(commit.stdout)) return null;
  const object = await git(folder, ['cat-file', 'commit', commit.stdout]);
  if (!object.ok) return null;
  const [header = ''] = object.stdout.split('\n\n', 1);
  const parents = header
    .split('\n')
    .filter((line) => line.startsWith('parent '))
    .map((line) => line.slice('parent '.length));
  return { commit: commit.stdout, parents };
}

/** The folder that holds `.git`; null outside of a git repository. */
export async function repositoryOf(folder: string): Promise<string | null> {
  const top = await git(folder, ['rev-parse', '--show-toplevel']);
  return top.ok && top.stdout !== '' ? top.stdout : null;
}

/** Makes sure that a commit and its files are here, fetching just that one; '' or why it can't be had. */
export async function fetchCommit(repository: string, commit: string): Promise<string> {
  if (!isCommitHash(commit)) return 'it is not named by a whole commit hash';
  if (await hasCommit(repository, commit)) return '';
  const remote = await git(repository, ['remote']);
  if (!remote.ok || !remote.stdout.split('\n').includes('origin')) {
    return 'it is not in this clone, and there is no remote `origin` to fetch it from';
  }
  const fetched = await git(repository, ['fetch', '--no-tags', '--quiet', '--depth=1', 'origin', commit]);
  if (!fetched.ok) return `it is not in this clone and could not be fetched (${fetched.complaint})`;
  return (await hasCommit(repository, commit)) ? '' : 'it was fetched but is not there';
}

async function hasCommit(repository: string, commit: string): Promise<boolean> {
  return (await git(repository, ['cat-file', '-e', `${commit}^{tree}`])).ok;
}
