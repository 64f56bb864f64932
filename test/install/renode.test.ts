import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { archiveFolder } from '../../src/install/download.ts';
import { provideRenode } from '../../src/install/renode.ts';
import { requireRenodeRelease } from '../../src/install/renode_release.ts';

const folder = mkdtempSync(join(tmpdir(), 'tinyml-renode-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const host = { platform: 'linux', arch: 'x64' };

describe('provideRenode', () => {
  it('prefers the one on the PATH', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'renode'), '', { mode: 0o755 });
    const path = `${join(folder, 'none')}:${bin}`;
    assert.equal(
      await provideRenode({ host, path, install: false, cacheFolder: folder }),
      join(bin, 'renode'),
    );
  });

  it('takes the pinned one from the tool cache, when its marker holds the pinned checksum', async () => {
    const release = requireRenodeRelease(host);
    const place = archiveFolder(release, folder);
    mkdirSync(place);
    writeFileSync(join(place, 'renode'), '', { mode: 0o755 });
    const request = { host, path: '', install: false, cacheFolder: folder };
    await assert.rejects(provideRenode(request), /^DeployError: Renode is not installed\. Run without/);
    writeFileSync(join(place, '.tinyml-deploy-sha256'), `${release.sha256}\n`);
    assert.equal(await provideRenode(request), join(place, 'renode'));
  });

  it('says where there is none to fetch', async () => {
    const request = {
      host: { platform: 'darwin', arch: 'arm64' },
      path: '',
      install: true,
      cacheFolder: folder,
    };
    await assert.rejects(provideRenode(request), /no pinned Renode 1\.17\.0 for darwin arm64/);
  });
});
