import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { workflowCache, workflowResults } from '../../src/github/cache.ts';
import { requireRenodeRelease } from '../../src/install/renode_release.ts';
import { temporaryFolder } from '../baseline/repository.ts';

describe('the workflow’s cache', () => {
  it('has nothing and takes nothing where there is none, without an error', async () => {
    for (const name of ['ACTIONS_CACHE_URL', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_SERVICE_V2'])
      delete process.env[name];
    const release = requireRenodeRelease({ platform: 'linux', arch: 'x64' });
    assert.equal(await workflowCache.restore(release, '/nowhere/archive'), false);
    await workflowCache.save(release, '/nowhere/archive');
  });

  it('does one thing at a time with an entry, which head and base may both want', async (t) => {
    const busy = new Map<string, number>();
    const asked: string[] = [];
    let most = 0;
    const server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      let body = '';
      for await (const chunk of request) body += chunk;
      const key = url.searchParams.get('keys') ?? /"key":\s*"([^"]*)"/.exec(body)?.[1];
      if (key !== undefined) {
        asked.push(`${request.method} ${key}`);
        busy.set(key, (busy.get(key) ?? 0) + 1);
        most = Math.max(most, ...busy.values());
        await delay(30);
        busy.set(key, (busy.get(key) ?? 0) - 1);
      }
      // Nothing is here, and another run is about to save it.
      response.writeHead(request.method === 'GET' ? 204 : 409).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const folder = temporaryFolder();
    const before = { ...process.env };
    t.after(() => {
      server.closeAllConnections();
      server.close();
      process.env = before;
    });
    Object.assign(process.env, {
      ACTIONS_CACHE_URL: `http://127.0.0.1:${address.port}/`,
      ACTIONS_RUNTIME_TOKEN: 'x',
      RUNNER_TEMP: folder,
      GITHUB_WORKSPACE: folder,
    });
    const [one, other] = ['a'.repeat(64), 'b'.repeat(64)] as const;
    const store = workflowResults(join(folder, 'cache'));
    const entry = Buffer.alloc(100_000, 'x');
    await Promise.all([
      store.save(one, entry),
      store.restore(one),
      // The same place, as a later step of the run opens it.
      workflowResults(join(folder, 'cache')).save(one, entry),
      store.save(other, entry),
    ]);
    assert.equal(most, 1);
    assert.equal(asked.filter((line) => line.startsWith('POST')).length, 3, 'each was packed whole');
  });
});
