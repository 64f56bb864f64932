import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { readContext } from '../../src/github/context.ts';
import { readInputs } from '../../src/github/inputs.ts';
import type { Session } from '../../src/github/session.ts';
import { sampleReport } from '../report/sample.ts';
import { startFakeGitHub } from './fake_github.ts';

const github = await startFakeGitHub();
process.env.GITHUB_API_URL = github.url;
process.env.GITHUB_STEP_SUMMARY = '';
const { deliver } = await import('../../src/github/deliver.ts');
const folder = mkdtempSync(join(tmpdir(), 'tinyml-test-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await github.close();
});
beforeEach(() => github.reset());

const measured = 'a'.repeat(40);
const pull = (sha: string) => ({ sha, ref: 'feature' });
const base = { sha: 'b'.repeat(40), ref: 'main' };

/** A run of the pull request's commit `measured`. */
function session(): Session {
  const context = readContext({ GITHUB_REPOSITORY: 'o/r', GITHUB_WORKSPACE: folder });
  const unused = () => assert.fail('not for a delivery');
  return {
    inputs: readInputs({ 'INPUT_GITHUB-TOKEN': 'a-token', INPUT_ARTIFACT: '' }),
    context: {
      ...context,
      pullRequest: 7,
      occasion: { kind: 'pull-request', head: measured, base: base.sha },
      event: { pull_request: { number: 7, head: pull(measured), base } },
    },
    projectFolder: folder,
    outputFolder: folder,
    cacheFolder: folder,
    sourceDateEpoch: undefined,
    loadProject: unused,
    toolRequest: unused,
    pipelineOptions: unused,
    judgeContext: unused,
  };
}

const project = {
  folder,
  configFile: 'tinyml.yml',
  emulator: 'auto',
  toolchain: 'system',
  timeLimitSeconds: 60,
  jobs: [],
} as const;

describe('a delivery', () => {
  it('comments where the pull request’s head is what was measured', async () => {
    github.pulls.push({ number: 7, head: pull(measured), base });
    await deliver(sampleReport(), project, session());
    assert.equal(github.comments.length, 1);
  });

  it('writes no comment over a newer one when an old run is started again', async () => {
    github.pulls.push({ number: 7, head: pull('c'.repeat(40)), base });
    const report = await deliver(sampleReport(), project, session());
    assert.equal(report.verdict.status, sampleReport().verdict.status);
    assert.deepEqual(
      github.requests.filter((line) => /^(POST|PATCH) \/repos/.test(line)),
      [],
    );
  });

  it('comments where GitHub does not say what the head is', async () => {
    github.faults.push({ on: /GET .*\/pulls\/7$/, status: 403 });
    await deliver(sampleReport(), project, session());
    assert.equal(github.comments.length, 1);
  });
});
