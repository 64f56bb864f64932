import { git } from './git.ts';
import type { History } from './history.ts';
import { mergeBase } from './merge_base.ts';

export type PreviousRelease =
  | { readonly kind: 'found'; readonly tag: string; readonly commit: string; readonly isAncestor: boolean }
  | { readonly kind: 'none'; readonly why: string };

/** Each look at the history may fetch some of it. */
const mostLooks = 10;

/**
 * The release before a tag: of the published ones (or, where those are not known, of the tags that are version numbers)
 * the newest that is an ancestor of the head; where none is, the one with the highest version below this tag's.
 */
export async function previousRelease(
  repository: string,
  head: string,
  tag: string,
  history: History | null,
): Promise<PreviousRelease> {
  const commits = await tagsOf(repository);
  const published = await history?.releases().catch(() => null);
  const tags =
    published?.map((release) => release.tag) ??
    [...commits.keys()].filter((name) => versionOf(name) !== null);
  const earlier = beforeTag(tags, tag).filter((name) => commits.has(name));
  if (earlier.length === 0) return { kind: 'none', why: `there is no release before ${tag}` };
  const byVersion = earlier.toSorted((a, b) => -compareVersions(versionOf(a), versionOf(b)));
  const order = published === undefined || published === null ? byVersion : earlier;
  for (const name of order.slice(0, mostLooks)) {
    const commit = commits.get(name) ?? '';
    const common = await mergeBase(repository, commit, head);
    if (common.kind === 'found' && common.commit === commit && commit !== head)
      return { kind: 'found', tag: name, commit, isAncestor: true };
  }
  const newest = byVersion.find((name) => commits.get(name) !== head);
  if (newest === undefined) return { kind: 'none', why: `there is no other release before ${tag}` };
  return { kind: 'found', tag: newest, commit: commits.get(newest) ?? '', isAncestor: false };
}

/** The tags that may come before this one, in their order: where both are versions, those below it. */
export function beforeTag(tags: readonly string[], tag: string): string[] {
  const own = versionOf(tag);
  return tags.filter((name) => {
    const version = versionOf(name);
    if (name === tag) return false;
    return own === null || version === null || compareVersions(version, own) < 0;
  });
}

/** `v1.2.3` → [1, 2, 3]; null for what is no version, or one before its release such as `v2.0.0-rc.1`. */
export function versionOf(tag: string): readonly number[] | null {
  const numbers = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})$/.exec(tag)?.[1];
  return numbers === undefined ? null : numbers.split('.').map(Number);
}

function compareVersions(one: readonly number[] | null, other: readonly number[] | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  const at = [0, 1, 2, 3].find((index) => (one[index] ?? 0) !== (other[index] ?? 0)) ?? 0;
  return (one[at] ?? 0) - (other[at] ?? 0);
}

/** Commits by tag, as the remote has them: a shallow clone has no tags. */
async function tagsOf(repository: string): Promise<ReadonlyMap<string, string>> {
  const remote = await git(repository, ['ls-remote', '--tags', 'origin']);
  const listed = remote.ok ? remote : await git(repository, ['show-ref', '--tags', '--dereference']);
  const commits = new Map<string, string>();
  for (const line of listed.stdout.split('\n')) {
    const [, hash, name] = /^([0-9a-f]{40,64})\s+refs\/tags\/(.+)$/.exec(line) ?? [];
    // `^{}` follows an annotated tag and names the commit.
    if (hash !== undefined && name !== undefined) commits.set(name.replace(/\^\{\}$/, ''), hash);
  }
  return commits;
}
