import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBase } from '../../src/baseline/base.ts';
import type { History } from '../../src/baseline/history.ts';
import { beforeTag, previousRelease, versionOf } from '../../src/baseline/previous_release.ts';
import { newRepository, shallowClone } from './repository.ts';

const history = (...tags: readonly string[]): History => ({
  releases: async () => tags.map((tag) => ({ tag })),
  lastMeasured: async () => null,
});

/** main: v1.0.0 ─ v1.1.0 ─ v2.0.0-rc.1 ─ v2.0.0; maintenance from v1.0.0: v1.0.1. */
function releases() {
  const origin = newRepository();
  const commits: Record<string, string> = {};
  const tag = (name: string): void => {
    commits[name] = origin.commit(name);
    origin.git('tag', '-a', '-m', name, name);
  };
  tag('v1.0.0');
  tag('v1.1.0');
  tag('v2.0.0-rc.1');
  tag('v2.0.0');
  origin.git('checkout', '--quiet', '-b', 'maintenance', 'v1.0.0');
  tag('v1.0.1');
  origin.git('checkout', '--quiet', 'main');
  return { origin, commits };
}

describe('previousRelease', () => {
  it('is the newest published release that is an ancestor', async () => {
    const { origin, commits } = releases();
    const found = await previousRelease(
      origin.folder,
      commits['v2.0.0'] ?? '',
      'v2.0.0',
      // As GitHub lists them: the maintenance release came last, and is of another branch.
      history('v2.0.0', 'v1.0.1', 'v1.1.0', 'v1.0.0'),
    );
    assert.deepEqual(found, { kind: 'found', tag: 'v1.1.0', commit: commits['v1.1.0'], isAncestor: true });
  });

  it('is found from a clone of one commit without tags, deepening it', async () => {
    const { origin, commits } = releases();
    const clone = shallowClone(origin, 'main');
    assert.equal(clone.git('tag'), '');
    const base = await findBase(
      clone.folder,
      { kind: 'release', tag: 'v2.0.0' },
      history('v1.1.0', 'v1.0.0'),
    );
    assert.deepEqual(base, {
      kind: 'commit',
      commit: commits['v1.1.0'],
      how: 'v1.1.0, the release before this',
    });
  });

  it('is the highest version before where no release is an ancestor', async () => {
    const { origin, commits } = releases();
    const head = commits['v1.0.1'] ?? '';
    const found = await previousRelease(origin.folder, commits['v1.0.0'] ?? '', 'v1.0.2', history('v1.0.1'));
    assert.deepEqual(found, { kind: 'found', tag: 'v1.0.1', commit: head, isAncestor: false });
  });

  it('goes by the tags where releases are not known, without prereleases', async () => {
    const { origin, commits } = releases();
    for (const unknown of [null, { ...history(), releases: () => Promise.reject(new Error('403')) }]) {
      const found = await previousRelease(origin.folder, commits['v2.0.0'] ?? '', 'v2.0.0', unknown);
      assert.deepEqual(found, { kind: 'found', tag: 'v1.1.0', commit: commits['v1.1.0'], isAncestor: true });
    }
  });

  it('says that there is none', async () => {
    const { origin, commits } = releases();
    const found = await previousRelease(origin.folder, commits['v1.0.0'] ?? '', 'v1.0.0', history('v1.0.0'));
    assert.deepEqual(found, { kind: 'none', why: 'there is no release before v1.0.0' });
  });
});

describe('beforeTag', () => {
  it('leaves out the tag itself and, on a re-run of an old release, what came later', () => {
    assert.deepEqual(beforeTag(['v2.0', 'v1.10', 'v1.9', 'v1.2'], 'v1.9'), ['v1.2']);
    assert.deepEqual(beforeTag(['nightly', 'v1.2'], 'v1.9'), ['nightly', 'v1.2']);
  });

  it('knows versions', () => {
    assert.deepEqual(versionOf('v1.2.3'), [1, 2, 3]);
    assert.deepEqual(versionOf('10.0'), [10, 0]);
    for (const tag of ['v1.0.0-rc.1', 'nightly', '', 'v', 'v1..2']) assert.equal(versionOf(tag), null, tag);
  });
});
