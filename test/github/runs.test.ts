import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { zipSync } from 'fflate';
import type { KeptReport } from '../../src/baseline/kept_report.ts';
import { repositoryRuns } from '../../src/github/runs.ts';
import { type FakeRun, hurried, startFakeGitHub } from './fake_github.ts';

const github = await startFakeGitHub();
after(() => github.close());
beforeEach(() => github.reset());

const commit = 'a'.repeat(40);
const other = 'b'.repeat(40);
const place = { owner: 'o', repository: 'r', artifact: 'tinyml-deploy', defaultBranch: 'main' };

let nextId = 1;
/** A run, and what it left. */
function leaves(
  run: Partial<FakeRun>,
  report: string | null,
  more: { expired?: boolean; name?: string } = {},
) {
  const id = nextId++;
  github.runs.push({ id, head_sha: commit, event: 'push', ...run });
  if (report === null) return;
  const zip = zipSync({
    'report.json': Buffer.from(report),
    'baseline.json': Buffer.from('record'),
    'kws/cortex-m4/firmware.elf': new Uint8Array(100),
  });
  github.artifacts.push({ id: 1000 + id, name: 'tinyml-deploy', run: id, zip, ...more });
}

const runs = (token = 'a-token') => repositoryRuns(token, place, { ...hurried, apiUrl: github.url });
async function reportsOf(token?: string): Promise<KeptReport[]> {
  const found: KeptReport[] = [];
  for await (const each of (await runs(token)).reportsOf(commit)) found.push(each);
  return found;
}

describe('the reports of a commit’s runs', () => {
  it('are those of this very commit, the newest first', async () => {
    leaves({}, 'first');
    leaves({ event: 'workflow_dispatch' }, 'second');
    leaves({ head_sha: other }, 'of another commit');
    assert.deepEqual(await reportsOf(), [
      { report: 'second', record: 'record' },
      { report: 'first', record: 'record' },
    ]);
  });

  it('are never a fork’s, nor a pull request’s', async () => {
    leaves({ head_repository: 'stranger/r' }, 'a fork’s');
    leaves({ event: 'pull_request' }, 'a pull request’s');
    leaves({ event: 'pull_request', head_repository: 'stranger/r' }, 'both');
    leaves({ event: 'workflow_run' }, 'a workflow_run’s');
    assert.deepEqual(await reportsOf(), []);
  });

  it('are not there when they have expired, have another name, or are no archive', async () => {
    leaves({}, 'expired', { expired: true });
    leaves({}, 'other', { name: 'tinyml-deploy-2' });
    leaves({}, null);
    leaves({}, null);
    github.artifacts.push({ id: 5, name: 'tinyml-deploy', run: nextId - 1, zip: Buffer.from('no archive') });
    assert.deepEqual(await reportsOf(), []);
  });

  it('come without a record from a version that wrote none', async () => {
    leaves({}, null);
    const zip = zipSync({ 'report.json': Buffer.from('old') });
    github.artifacts.push({ id: 7, name: 'tinyml-deploy', run: nextId - 1, zip });
    assert.deepEqual(await reportsOf(), [{ report: 'old', record: null }]);
  });

  it('are none, without an error, where the token may not read runs', async () => {
    leaves({}, 'first');
    github.tokens.set('weak', { contents: 'read' });
    assert.deepEqual(await reportsOf('weak'), []);
  });
});

describe('the history of a repository', () => {
  it('knows the last measured commit of the default branch', async () => {
    leaves({ head_sha: other }, 'measured');
    leaves({ head_sha: 'c'.repeat(40) }, null);
    leaves({ head_sha: 'd'.repeat(40), head_branch: 'topic' }, 'on a topic branch');
    leaves({ head_sha: 'e'.repeat(40), event: 'pull_request' }, 'a pull request’s');
    leaves({ head_sha: commit }, 'the head itself');
    assert.equal(await (await runs()).lastMeasured(commit), other);
    github.runs.length = 0;
    assert.equal(await (await runs()).lastMeasured(commit), null);
  });

  it('finds it behind the runs of many other workflows and the artifacts of many pull requests', async () => {
    leaves({ head_sha: other }, 'measured');
    for (let count = 0; count < 120; count++) {
      leaves({ head_sha: 'c'.repeat(40) }, null);
      leaves({ head_sha: 'd'.repeat(40), head_branch: 'topic', event: 'pull_request' }, 'a pull request’s');
    }
    assert.equal(await (await runs()).lastMeasured(commit), other);
  });

  it('knows no commit of a fork’s branch that only has the default branch’s name', async () => {
    const theirs = { head_sha: 'f'.repeat(40), head_repository: 'stranger/r' };
    leaves({ ...theirs, event: 'push' }, 'a fork’s');
    assert.equal(await (await runs()).lastMeasured(commit), null);
    leaves({ head_sha: other }, 'ours');
    for (let count = 0; count < 20; count++) leaves({ ...theirs, event: 'pull_request' }, 'a fork’s');
    assert.equal(await (await runs()).lastMeasured(commit), other);
  });

  it('knows the releases without drafts and prereleases', async () => {
    github.releases.push(
      { id: 3, tag_name: 'v3', draft: true },
      { id: 2, tag_name: 'v2', prerelease: true },
      { id: 1, tag_name: 'v1' },
    );
    assert.deepEqual(await (await runs()).releases(), [{ tag: 'v1' }]);
  });
});
