import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { branchesOf, describeEvent, readContext } from '../../src/github/context.ts';

const sha = (digit: string): string => digit.repeat(40);
const pull = { pull_request: { number: 7, head: { sha: sha('a') }, base: { sha: sha('b') } } };

describe('the event', () => {
  it('of a pull request names head, base and number', () => {
    const occasion = { kind: 'pull-request', head: sha('a'), base: sha('b') };
    assert.deepEqual(describeEvent('pull_request', pull), { pullRequest: 7, occasion });
    assert.deepEqual(describeEvent('pull_request_target', pull), { pullRequest: 7, occasion });
  });

  it('of a push or a merge group names what was there before', () => {
    assert.deepEqual(describeEvent('push', { before: sha('c') }).occasion, {
      kind: 'push',
      before: sha('c'),
    });
    assert.deepEqual(describeEvent('merge_group', { merge_group: { base_sha: sha('d') } }).occasion, {
      kind: 'merge-group',
      base: sha('d'),
    });
  });

  it('of a tag, pushed or chosen by hand, is a release', () => {
    const release = { kind: 'release', tag: 'v1.0.0' };
    const ref = 'refs/tags/v1.0.0';
    assert.deepEqual(describeEvent('push', { ref, before: '0'.repeat(40) }).occasion, release);
    assert.deepEqual(describeEvent('workflow_dispatch', { ref }).occasion, release);
    const branch = describeEvent('workflow_dispatch', { ref: 'refs/heads/main' });
    assert.deepEqual(branch.occasion, { kind: 'other', event: 'workflow_dispatch' });
  });
  it('of a release or a pushed tag names the tag', () => {
    const occasion = { kind: 'release', tag: 'v1.2.0' };
    assert.deepEqual(describeEvent('release', { release: { tag_name: 'v1.2.0' } }).occasion, occasion);
    const push = { before: sha('0'), ref: 'refs/tags/v1.2.0' };
    assert.deepEqual(describeEvent('push', push).occasion, occasion);
    const branch = { before: sha('c'), ref: 'refs/heads/v1.2.0' };
    assert.deepEqual(describeEvent('push', branch).occasion, { kind: 'push', before: sha('c') });
  });

  it('tells whether the run is compared with a commit of the default branch', () => {
    const repository = { default_branch: 'main' };
    const isOn = (name: string, event: object): boolean =>
      branchesOf(name, { repository, ...event }).isBaseOnDefault;
    assert.equal(isOn('pull_request', { pull_request: { base: { ref: 'main' } } }), true);
    assert.equal(isOn('pull_request', { pull_request: { base: { ref: 'next' } } }), false);
    assert.equal(isOn('push', { ref: 'refs/heads/main' }), true);
    assert.equal(isOn('push', { ref: 'refs/heads/topic' }), false);
    assert.equal(isOn('push', { ref: 'refs/tags/main' }), false);
    assert.equal(isOn('merge_group', { merge_group: { base_ref: 'refs/heads/main' } }), true);
    assert.equal(isOn('release', {}), false);
    assert.equal(isOn('schedule', {}), true);
    assert.deepEqual(branchesOf('push', { ref: 'refs/heads/main' }), {
      defaultBranch: null,
      isBaseOnDefault: false,
    });
  });

  it('of another kind or shape has nothing to compare with', () => {
    for (const [name, event] of [
      ['schedule', {}],
      ['pull_request', null],
      ['pull_request', { pull_request: { number: 'x' } }],
      ['push', 'text'],
    ] as const) {
      assert.deepEqual(describeEvent(name, event), {
        pullRequest: null,
        occasion: { kind: 'other', event: name },
      });
    }
  });
});

describe('readContext', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-event-'));
  after(() => rmSync(folder, { recursive: true }));

  it('reads the variables of the runner and the event file', () => {
    const path = join(folder, 'event.json');
    writeFileSync(path, JSON.stringify(pull));
    const context = readContext({
      GITHUB_EVENT_PATH: path,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_WORKSPACE: '/w',
      GITHUB_RUN_ID: '5',
    });
    assert.equal(context.pullRequest, 7);
    assert.equal(context.owner, 'o');
    assert.equal(context.repository, 'r');
    assert.equal(context.workspace, '/w');
    assert.equal(context.runUrl, 'https://github.com/o/r/actions/runs/5');
  });

  it('does without an event file, or with a broken one', () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '{');
    for (const GITHUB_EVENT_PATH of [path, join(folder, 'missing.json'), '']) {
      assert.equal(readContext({ GITHUB_EVENT_PATH, GITHUB_EVENT_NAME: 'pull_request' }).pullRequest, null);
    }
  });
});
