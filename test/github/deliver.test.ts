import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { marker } from '../../src/github/comment.ts';
import { parseState, renderState } from '../../src/github/comment_state.ts';
import { readContext } from '../../src/github/context.ts';
import { readInputs } from '../../src/github/inputs.ts';
import type { Session } from '../../src/github/session.ts';
import { sampleReport } from '../report/sample.ts';
import { botLogin, hurried, startFakeGitHub } from './fake_github.ts';

const github = await startFakeGitHub();
process.env.GITHUB_API_URL = github.url;
process.env.GITHUB_STEP_SUMMARY = '';
const { commentFailure } = await import('../../src/github/failure_comment.ts');
const { deliver } = await import('../../src/github/deliver.ts');
const folder = mkdtempSync(join(tmpdir(), 'tinyml-test-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await github.close();
});
let cancelled = new AbortController();
beforeEach(() => {
  cancelled = new AbortController();
  github.reset();
});

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
    pipelineOptions: (outputFolder) => ({ outputFolder, parallel: 1, signal: cancelled.signal }),
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

/** Without the report in the log; what is no text is of the test runner. */
async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  const { write } = process.stdout;
  const silent: typeof write = (chunk: string | Uint8Array, ...more: never[]) =>
    typeof chunk === 'string' || write.call(process.stdout, chunk, ...more);
  process.stdout.write = silent;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

describe('a delivery', () => {
  it('comments where the pull request’s head is what was measured', async () => {
    github.pulls.push({ number: 7, head: pull(measured), base });
    await quietly(() => deliver(sampleReport(), project, session()));
    assert.equal(github.comments.length, 1);
  });

  it('writes no comment over a newer one when an old run is started again', async () => {
    github.pulls.push({ number: 7, head: pull('c'.repeat(40)), base });
    const report = await quietly(() => deliver(sampleReport(), project, session()));
    assert.equal(report.verdict.status, sampleReport().verdict.status);
    assert.deepEqual(
      github.requests.filter((line) => /^(POST|PATCH) \/repos/.test(line)),
      [],
    );
  });

  it('comments where GitHub does not say what the head is', async () => {
    github.faults.push({ on: /GET .*\/pulls\/7$/, status: 403 });
    await quietly(() => deliver(sampleReport(), project, session()));
    assert.equal(github.comments.length, 1);
  });
});

describe('a run without a report', () => {
  const ends = () => commentFailure(error, session(), hurried);
  const error = new DeployError('input', 'this is <b>no</b> model.', { file: 'models/a.tflite' });
  const own = `${marker('tinyml.yml')}\n## ✅ Pass: 1 model`;
  const body = () => github.comments[0]?.body ?? '';

  it('says so in the comment that an earlier run wrote, once', async () => {
    github.comments.push({ id: 5, body: own, login: botLogin });
    await ends();
    assert.ok(body().startsWith(`${marker('tinyml.yml')}\n<!-- tinyml-deploy-state: `));
    assert.match(body(), /## ❌ Nothing was measured\n\nmodels&#47;a\.tflite&#58; this is &#60;b&#62;no/);
    assert.doesNotMatch(body(), /Pass/);
    await ends();
    assert.equal(github.requests.filter((line) => /^(POST|PATCH) \/repos/.test(line)).length, 1);
  });

  it('keeps what was accepted, and makes room for figures again', async () => {
    const accepted = {
      event: 3,
      values: [{ model: 'a', target: 'm4', metric: 'flash', bound: 'limit', value: 9 }],
    } as const;
    const shown = [{ model: 'a', target: 'm4', metric: 'ram', bound: 'limit', value: 9 }] as const;
    const state = renderState({ shown, accepted });
    github.comments.push({
      id: 5,
      body: `${marker('tinyml.yml')}\n${state}\n## ❌ Fail`,
      login: botLogin,
    });
    await ends();
    assert.deepEqual(parseState(body().split('\n')[1] ?? ''), { shown: [], accepted });
  });

  it('makes no comment, and leaves others’ alone', async () => {
    github.comments.push({ id: 5, body: own, login: 'eve' });
    await ends();
    assert.deepEqual([github.comments.length, body()], [1, own]);
  });

  it('leaves the comment alone when it was cancelled, is of an older commit, or may not write', async () => {
    github.comments.push({ id: 5, body: own, login: botLogin });
    cancelled.abort();
    await ends();
    cancelled = new AbortController();
    github.refuseWritesWith = 403;
    await ends();
    github.refuseWritesWith = null;
    github.pulls.push({ number: 7, head: pull('c'.repeat(40)), base });
    await ends();
    assert.equal(body(), own);
  });
});
