import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { cacheAnswers } from '../../src/github/cache_service.ts';

/** Asks twice, as two entries would; what was answered, how long it took, and how often the server was asked. */
async function ask(t: TestContext, listener: RequestListener | 'closed') {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (listener !== 'closed') listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  if (listener === 'closed') close();
  else t.after(close);
  const url = `http://127.0.0.1:${address.port}/`;
  // What the library looks at, to know that there is a cache.
  process.env.ACTIONS_CACHE_SERVICE_V2 = 'true';
  process.env.ACTIONS_RESULTS_URL = url;
  const start = performance.now();
  const answers = [await cacheAnswers(process.env, 200), await cacheAnswers(process.env, 200)];
  return { answers, requests, seconds: (performance.now() - start) / 1000 };
}

describe('the workflow’s cache', () => {
  it('is used when it answers, whatever is at that path', async (t) => {
    const { answers, requests } = await ask(t, (_request, response) => response.writeHead(404).end());
    assert.deepEqual([answers, requests], [[true, true], 1]);
  });
  it('is left alone when nobody listens', async (t) => {
    const { answers } = await ask(t, 'closed');
    assert.deepEqual(answers, [false, false]);
  });
  it('is left alone when its server is down, or nothing comes in time', async (t) => {
    const down = await ask(t, (_request, response) => response.writeHead(503).end());
    assert.deepEqual([down.answers, down.requests], [[false, false], 1]);
    const silent = await ask(t, () => {});
    assert.deepEqual([silent.answers, silent.requests], [[false, false], 1]);
    assert.ok(silent.seconds < 2, `${silent.seconds} s`);
  });
});
