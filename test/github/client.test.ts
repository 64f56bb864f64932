import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { type ClientOptions, githubClient } from '../../src/github/client.ts';
import { commentApi } from '../../src/github/octokit.ts';
import { type Fault, hurried, secondaryLimitFault, startFakeGitHub } from './fake_github.ts';

const github = await startFakeGitHub();
const enterprise = await startFakeGitHub({ basePath: '/api/v3' });
after(() => Promise.all([github.close(), enterprise.close()]));
beforeEach(() => {
  github.reset();
  enterprise.reset();
});

const repository = { owner: 'o', repo: 'r' };
const place = { owner: 'o', repository: 'r' };
const options: ClientOptions = { ...hurried, apiUrl: github.url };

/** Asks for the repository through these faults; the status of the answer, and how often was asked. */
async function ask(fault: Fault, more: ClientOptions = {}) {
  github.faults.push(fault);
  const client = await githubClient('a-token', { ...options, ...more });
  const status = await client.rest.repos.get(repository).then(
    (answer) => answer.status,
    (error: { readonly status: number }) => error.status,
  );
  return { status, attempts: github.requests.length };
}

const on = /^GET \/repos\/o\/r$/;

describe('a request to GitHub', () => {
  for (const status of [500, 502, 503, 504])
    it(`is repeated when the server answers ${status}, three times`, async () => {
      assert.deepEqual(await ask({ on, status, times: 3 }), { status: 200, attempts: 4 });
      github.requests.length = 0;
      assert.deepEqual(await ask({ on, status, times: 9 }), { status, attempts: 4 });
    });

  for (const status of [400, 401, 403, 404, 410, 422])
    it(`is not repeated when the server answers ${status}`, async () => {
      assert.deepEqual(await ask({ on, status }), { status, attempts: 1 });
    });

  it('is repeated after the same waits when an earlier one was', async () => {
    const client = await githubClient('a-token', {
      ...options,
      testOnly: { ...hurried.testOnly, secondMs: 20 },
    });
    const took = async (): Promise<number> => {
      github.faults.push({ on, status: 502, times: 2 });
      const start = performance.now();
      await client.rest.repos.get(repository);
      return (performance.now() - start) / 20;
    };
    await took();
    const seconds = await took();
    assert.ok(seconds >= 1 + 4 && seconds < 4 + 9, `${seconds}`);
  });

  it('is repeated when the connection breaks, and when nothing comes', async () => {
    assert.deepEqual(await ask({ on, status: 'break' }), { status: 200, attempts: 2 });
    github.requests.length = 0;
    const testOnly = { ...hurried.testOnly, secondMs: 1, requestTimeoutMs: 100 };
    assert.deepEqual(await ask({ on, status: 'hang' }, { testOnly }), { status: 200, attempts: 2 });
  });
});

describe('a limit of GitHub', () => {
  /** How long it waited, in GitHub's seconds. */
  async function timed(fault: Fault) {
    const secondMs = 50;
    const said: string[] = [];
    const start = performance.now();
    const testOnly = { ...hurried.testOnly, secondMs };
    const result = await ask(fault, { testOnly, say: (sentence) => said.push(sentence) });
    return { ...result, said, seconds: (performance.now() - start) / secondMs };
  }

  for (const status of [403, 429] as const)
    it(`of secondary kind (${status}) is waited for as long as it says`, async () => {
      const { seconds, said, ...result } = await timed(secondaryLimitFault(on, 7, status));
      assert.deepEqual(result, { status: 200, attempts: 2 });
      assert.ok(seconds >= 7, `${seconds}`);
      assert.deepEqual(said, ["GitHub's secondary rate limit is reached: trying again in 7 s."]);
    });

  it('that only gives a time (429 and retry-after) is waited for as long', async () => {
    const { seconds, said: _, ...result } = await timed({ on, status: 429, headers: { 'retry-after': '7' } });
    assert.deepEqual(result, { status: 200, attempts: 2 });
    assert.ok(seconds >= 7, `${seconds}`);
  });

  it('of the hour is waited for when it ends soon', async () => {
    const headers = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3),
    };
    const result = await timed({ on, status: 403, headers, message: 'API rate limit exceeded' });
    assert.deepEqual([result.status, result.attempts], [200, 2]);
    assert.ok(result.seconds >= 3, `${result.seconds}`);
  });

  it('is not waited for longer than two minutes', async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 3000);
    for (const fault of [
      secondaryLimitFault(on, 121),
      { on, status: 429, headers: { 'retry-after': '3600' } } as const,
      { on, status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } } as const,
    ]) {
      github.reset();
      const { status, attempts } = await timed(fault);
      assert.deepEqual({ status, attempts }, { status: fault.status, attempts: 1 });
    }
  });

  it('is not waited for more than three times', async () => {
    const { status, attempts, said } = await timed({ ...secondaryLimitFault(on, 1), times: 9 });
    assert.deepEqual({ status, attempts }, { status: 403, attempts: 4 });
    assert.match(said.at(-1) ?? '', /not trying again/);
  });
});

describe('a comment', () => {
  const create = /^POST .*\/comments$/;

  it('is made once though GitHub answers 502 after it was made', async () => {
    github.faults.push({ on: create, status: 502, isDone: true });
    const made = await (await commentApi('a-token', place, 7, options)).create('text');
    assert.deepEqual([github.comments.length, made.id], [1, 1000]);
  });

  it('is made when GitHub answers 502 and has not made it', async () => {
    github.faults.push({ on: create, status: 502, times: 2 });
    await (await commentApi('a-token', place, 7, options)).create('text');
    assert.equal(github.comments.length, 1);
  });

  it('is given up after the third 5xx', async () => {
    github.faults.push({ on: create, status: 503, times: 9 });
    const api = await commentApi('a-token', place, 7, options);
    await assert.rejects(api.create('text'), { status: 503 });
    assert.equal(github.requests.filter((line) => create.test(line)).length, 3);
  });

  it('is made after a secondary limit', async () => {
    github.faults.push(secondaryLimitFault(create, 2));
    await (await commentApi('a-token', place, 7, options)).create('text');
    assert.equal(github.comments.length, 1);
  });
});

describe('on a GHES', () => {
  it('REST is below /api/v3 with all its pages, and GraphQL at /api/graphql', async () => {
    for (let id = 0; id < 120; id += 1) enterprise.comments.push({ id, body: 'talk', login: 'someone' });
    const api = await commentApi('a-token', place, 7, { ...hurried, apiUrl: enterprise.url });
    enterprise.viewer = 'an-app[bot]';
    assert.equal(await api.viewer(), 'an-app[bot]');
    let comments = 0;
    for await (const page of api.comments()) comments += page.length;
    assert.equal(comments, 120);
    assert.deepEqual(enterprise.requests, [
      'POST /graphql',
      'GET /repos/o/r/issues/7/comments',
      'GET /repos/o/r/issues/7/comments',
    ]);
  });
});
