import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBase } from '../../src/baseline/base.ts';
import { headOf, repositoryOf } from '../../src/baseline/commits.ts';
import { mergeBase } from '../../src/baseline/merge_base.ts';
import { newRepository, type Repository, shallowClone, temporaryFolder } from './repository.ts';

/** main: first ─ parted ─ main1;  feature: parted ─ feature1; merged = main1 + feature1, as GitHub makes it. */
function pullRequest(): {
  origin: Repository;
  parted: string;
  main: string;
  feature: string;
  merged: string;
} {
  const origin = newRepository();
  origin.commit('first', { a: '1' });
  const parted = origin.commit('parted', { a: '2' });
  origin.git('checkout', '--quiet', '-b', 'feature');
  const feature = origin.commit('feature', { b: '1' });
  origin.git('checkout', '--quiet', 'main');
  const main = origin.commit('main', { a: '3' });
  origin.git('checkout', '--quiet', '--detach');
  origin.git('merge', '--quiet', '--no-ff', '-m', 'merge', feature);
  const merged = origin.head();
  origin.git('update-ref', 'refs/pull/7/merge', merged);
  return { origin, parted, main, feature, merged };
}

describe('findBase', () => {
  it('takes the first parent of a pull request’s merge commit, though the clone is one commit deep', async () => {
    const { origin, main, feature, merged } = pullRequest();
    const clone = shallowClone(origin, 'refs/pull/7/merge');
    assert.deepEqual(await headOf(clone.folder), { commit: merged, parents: [main, feature] });
    const base = await findBase(clone.folder, { kind: 'pull-request', head: feature, base: 'f'.repeat(40) });
    assert.deepEqual(base, { kind: 'commit', commit: main, how: 'the merge commit’s first parent' });
  });

  it('takes the merge base where the pull request’s own head is checked out, deepening the clone', async () => {
    const { origin, parted, main, feature } = pullRequest();
    const clone = shallowClone(origin, 'feature');
    const base = await findBase(clone.folder, { kind: 'pull-request', head: feature, base: main });
    assert.deepEqual(base, {
      kind: 'commit',
      commit: parted,
      how: 'where this branch left its base branch',
    });
  });

  it('takes the previous head of a pushed branch', async () => {
    const { origin, parted } = pullRequest();
    origin.git('checkout', '--quiet', 'main');
    assert.deepEqual(await findBase(origin.folder, { kind: 'push', before: parted }), {
      kind: 'commit',
      commit: parted,
      how: 'the branch before this push',
    });
  });

  it('says why there is none', async () => {
    const { origin, main } = pullRequest();
    origin.git('checkout', '--quiet', 'main');
    const why = async (...parameters: Parameters<typeof findBase>): Promise<string> => {
      const base = await findBase(...parameters);
      return base.kind === 'none' ? base.why : assert.fail('there is one');
    };
    assert.match(await why(origin.folder, { kind: 'push', before: '0'.repeat(40) }), /first push/);
    assert.match(await why(origin.folder, { kind: 'push', before: main }), /base commit itself/);
    assert.match(await why(origin.folder, { kind: 'other', event: 'schedule' }), /schedule.*no token/);
    assert.match(await why(temporaryFolder(), { kind: 'push', before: main }), /no git repository/);
    assert.match(
      await why(origin.folder, { kind: 'pull-request', head: main, base: '--all' }),
      /not named by a whole commit hash/,
    );
  });
});

describe('findBase of a run that is about no change', () => {
  const history = (lastMeasured: (except: string) => Promise<string | null>) => ({
    releases: async () => [],
    lastMeasured,
  });

  it('takes the last measured commit of the default branch, and not the head', async () => {
    const { origin, main, parted } = pullRequest();
    origin.git('checkout', '--quiet', 'main');
    const asked: string[] = [];
    const base = await findBase(
      origin.folder,
      { kind: 'other', event: 'workflow_dispatch' },
      history(async (except) => {
        asked.push(except);
        return parted;
      }),
    );
    assert.deepEqual(base, {
      kind: 'commit',
      commit: parted,
      how: 'the last measured commit of the default branch',
    });
    assert.deepEqual(asked, [main]);
  });

  it('says why there is none', async () => {
    const { origin } = pullRequest();
    const occasion = { kind: 'other', event: 'schedule' } as const;
    const none = await findBase(
      origin.folder,
      occasion,
      history(async () => null),
    );
    assert.deepEqual(none, {
      kind: 'none',
      why: 'no other commit of the default branch has been measured yet',
    });
    const refused = await findBase(
      origin.folder,
      occasion,
      history(() => Promise.reject(new Error('403'))),
    );
    assert.match(refused.kind === 'none' ? refused.why : '', /actions: read/);
  });
});

describe('mergeBase', () => {
  it('deepens as far as it must', async () => {
    const origin = newRepository();
    const parted = origin.commit('parted');
    origin.git('checkout', '--quiet', '-b', 'feature');
    for (let index = 0; index < 60; index += 1) origin.commit(`feature ${index}`);
    const feature = origin.head();
    origin.git('checkout', '--quiet', 'main');
    const main = origin.commit('main');
    const clone = shallowClone(origin, 'feature');
    assert.deepEqual(await mergeBase(clone.folder, main, feature), { kind: 'found', commit: parted });
  });

  it('says when two histories have nothing in common', async () => {
    const repository = newRepository();
    const one = repository.commit('one');
    repository.git('checkout', '--quiet', '--orphan', 'other');
    const other = repository.commit('other');
    assert.deepEqual(await mergeBase(repository.folder, one, other), {
      kind: 'none',
      why: 'the two histories have no commit in common',
    });
  });
});

describe('repositoryOf', () => {
  it('is the top folder of a repository, and null outside', async () => {
    const repository = newRepository();
    assert.equal(await repositoryOf(repository.folder), repository.git('rev-parse', '--show-toplevel'));
    assert.equal(await repositoryOf(temporaryFolder()), null);
  });
});
