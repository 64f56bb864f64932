import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workflowCache } from '../../src/github/cache.ts';
import { requireRenodeRelease } from '../../src/install/renode_release.ts';

describe('the workflow’s cache', () => {
  it('has nothing and takes nothing where there is none, without an error', async () => {
    for (const name of ['ACTIONS_CACHE_URL', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_SERVICE_V2'])
      delete process.env[name];
    const release = requireRenodeRelease({ platform: 'linux', arch: 'x64' });
    assert.equal(await workflowCache.restore(release, '/nowhere/archive'), false);
    await workflowCache.save(release, '/nowhere/archive');
  });
});
