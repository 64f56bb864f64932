import { printable } from '../errors.ts';
import { type Head, headOf } from './commits.ts';
import type { History } from './history.ts';
import { mergeBase } from './merge_base.ts';
import { previousRelease } from './previous_release.ts';

/** What the event says about the change under test; hashes come from outside and are checked before use. */
export type Occasion =
  | { readonly kind: 'pull-request'; readonly head: string; readonly base: string }
  | { readonly kind: 'push'; readonly before: string }
  | { readonly kind: 'merge-group'; readonly base: string }
  | { readonly kind: 'release'; readonly tag: string }
  | { readonly kind: 'other'; readonly event: string };

/** The commit to compare with, or why there is none. */
export type Base =
  | { readonly kind: 'commit'; readonly commit: string; readonly how: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * A pull request checked out as its merge commit is compared with that commit's first parent: exactly what the
 * merge would change. Checked out at its own head, it is compared with the commit where it left the base
 * branch. A push is compared with the previous head of the branch, a release with the release before it, and anything
 * else with the last measured commit of the default branch, which only the hosting service's history knows.
 */
export async function findBase(
  repository: string,
  occasion: Occasion,
  history: History | null = null,
): Promise<Base> {
  const head = await headOf(repository);
  if (head === null) return { kind: 'none', why: 'this is no git repository' };
  switch (occasion.kind) {
    case 'pull-request':
      return pullRequestBase(repository, head, occasion);
    case 'push':
      return /^0+$/.test(occasion.before)
        ? { kind: 'none', why: 'this is the first push of the branch' }
        : other(head, occasion.before, 'the branch before this push');
    case 'merge-group':
      return other(head, occasion.base, 'the base of the merge group');
    case 'release':
      return releaseBase(repository, head, occasion.tag, history);
    case 'other':
      return lastMeasured(head, occasion.event, history);
  }
}

async function pullRequestBase(
  repository: string,
  head: Head,
  pull: { readonly head: string; readonly base: string },
): Promise<Base> {
  const [first, second] = head.parents;
  if (first !== undefined && second === pull.head)
    return other(head, first, 'the merge commit’s first parent');
  const found = await mergeBase(repository, pull.base, head.commit);
  if (found.kind === 'none') return { kind: 'none', why: found.why };
  return other(head, found.commit, 'where this branch left its base branch');
}

async function releaseBase(
  repository: string,
  head: Head,
  tag: string,
  history: History | null,
): Promise<Base> {
  const found = await previousRelease(repository, head.commit, tag, history);
  if (found.kind === 'none') return found;
  const how = found.isAncestor ? 'the release before this' : 'the highest version before this';
  return other(head, found.commit, `${printable(found.tag, 60)}, ${how}`);
}

async function lastMeasured(head: Head, event: string, history: History | null): Promise<Base> {
  const none = (why: string): Base => ({ kind: 'none', why });
  const on = event === '' ? 'this run' : `a run by ${event}`;
  if (history === null)
    return none(`${on} is compared with the last measured commit, and there is no token to look for it`);
  try {
    const commit = await history.lastMeasured(head.commit);
    if (commit === null) return none('no other commit of the default branch has been measured yet');
    return other(head, commit, 'the last measured commit of the default branch');
  } catch {
    return none(
      `${on} is compared with the last measured commit, and the token may not read runs (\`actions: read\`)`,
    );
  }
}

function other(head: Head, commit: string, how: string): Base {
  if (commit === head.commit) return { kind: 'none', why: 'the base commit itself is checked out' };
  return { kind: 'commit', commit, how };
}
