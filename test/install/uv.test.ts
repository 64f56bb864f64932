import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { archiveFolder } from '../../src/install/download.ts';
import { provideUv } from '../../src/install/uv.ts';
import { uvRelease, uvReleases } from '../../src/install/uv_release.ts';
import { runtimeFolder } from '../../src/runtime_folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'tinyml-uv-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const host = { platform: 'linux', arch: 'x64' };

describe('provideUv', () => {
  it('prefers the one on the PATH', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'uv'), '', { mode: 0o755 });
    const path = `${join(folder, 'none')}:${bin}`;
    assert.equal(await provideUv({ host, path, install: false, cacheFolder: folder }), join(bin, 'uv'));
  });

  it('takes the pinned one from the tool cache, when its marker holds the pinned checksum', async () => {
    const release = uvRelease(host);
    assert.ok(release !== null);
    const place = archiveFolder(release, folder);
    mkdirSync(place);
    writeFileSync(join(place, 'uv'), '', { mode: 0o755 });
    const request = { host, path: '', install: false, cacheFolder: folder };
    await assert.rejects(provideUv(request), /^DeployError: uv, which sets up TensorFlow.* is not installed/);
    writeFileSync(join(place, '.tinyml-deploy-sha256'), `${release.sha256}\n`);
    assert.equal(await provideUv(request), join(place, 'uv'));
  });

  it('fetches the archive of this host, and refuses other bytes than the pinned ones', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('altered');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const request = {
        host: { platform: 'linux', arch: 'arm64' },
        path: '',
        install: true,
        cacheFolder: join(folder, 'cache'),
        mirror: `http://127.0.0.1:${port}/tools`,
      };
      await assert.rejects(
        provideUv(request),
        new RegExp(`uv 0\\.12\\.5 from .* has SHA-256 .*, but ${uvReleases[1]?.sha256} is pinned`),
      );
    } finally {
      server.close();
    }
    assert.deepEqual(asked, ['/tools/uv-aarch64-unknown-linux-gnu.tar.gz']);
  });

  it('says what to do where there is none to fetch', async () => {
    const request = {
      host: { platform: 'darwin', arch: 'arm64' },
      path: '',
      install: true,
      cacheFolder: folder,
    };
    await assert.rejects(provideUv(request), /Install it by `pip install uv`/);
  });
});

describe('the packages of the converter', () => {
  it('are all locked to a version and the checksums of its files, wherever those come from', () => {
    const text = readFileSync(join(runtimeFolder(), 'convert', 'requirements.txt'), 'utf8');
    const entries = text.replaceAll('\\\n', ' ').trim().split('\n');
    assert.ok(entries.length > 20);
    for (const entry of entries)
      assert.match(entry, /^[\w.-]+==[\w.]+( ; [^-]+)?( +--hash=sha256:[0-9a-f]{64})+ *$/);
    assert.doesNotMatch(text, /:\/\//);
    for (const name of ['tensorflow-cpu', 'tf-keras', 'keras', 'h5py'])
      assert.ok(
        entries.some((entry) => entry.startsWith(`${name}==`)),
        name,
      );
  });
});
