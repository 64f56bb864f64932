import { fetchCommit } from './commits.ts';
import { git } from './git.ts';

export type MergeBase =
  | { readonly kind: 'found'; readonly commit: string }
  | { readonly kind: 'none'; readonly why: string };

const firstStep = 50;
const steps = 8;

/**
 * The commit in which two histories parted. A shallow clone is deepened by 50, 100, 200, … commits until it
 * shows, or until the whole history is here.
 */
export async function mergeBase(repository: string, one: string, other: string): Promise<MergeBase> {
  for (const commit of [one, other]) {
    const why = await fetchCommit(repository, commit);
    if (why !== '') return { kind: 'none', why };
  }
  for (let step = 0; ; step += 1) {
    const base = await git(repository, ['merge-base', one, other]);
    if (base.ok && base.stdout !== '') return { kind: 'found', commit: base.stdout };
    if (!(await isShallow(repository)))
      return { kind: 'none', why: 'the two histories have no commit in common' };
    if (step === steps) return { kind: 'none', why: 'the histories part too far back' };
    const depth = `--deepen=${firstStep * 2 ** step}`;
    const fetched = await git(repository, ['fetch', '--no-tags', '--quiet', depth, 'origin', one, other]);
    if (!fetched.ok) return { kind: 'none', why: `the history could not be deepened (${fetched.complaint})` };
  }
}

async function isShallow(repository: string): Promise<boolean> {
  return (await git(repository, ['rev-parse', '--is-shallow-repository'])).stdout === 'true';
}
