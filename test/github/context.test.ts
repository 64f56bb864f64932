import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { describeEvent, readContext } from '../../src/github/context.ts';

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
