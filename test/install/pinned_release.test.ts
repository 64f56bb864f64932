import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../src/install/pinned_archive.ts';
import { renodeRelease, renodeReleases, requireRenodeRelease } from '../../src/install/renode_release.ts';
import {
  toolchainRelease,
  toolchainReleases,
  toolchainVersions,
} from '../../src/install/toolchain_release.ts';
import { uvReleases } from '../../src/install/uv_release.ts';

const linux = { platform: 'linux', arch: 'x64' };

describe('pinned releases', () => {
  it('are all pinned by a whole SHA-256, over https, each once', () => {
    const all = [...renodeReleases, ...toolchainReleases, ...uvReleases];
    for (const archive of all) {
      assert.match(archive.sha256, /^[0-9a-f]{64}$/);
      assert.match(archive.url, /^https:\/\//);
      assert.ok(archive.url.includes(archive.version), archive.url);
    }
    assert.equal(new Set(all.map((archive) => archive.sha256)).size, all.length);
    assert.equal(new Set(all.map((archive) => archive.url)).size, all.length);
    assert.equal(new Set(all.map(cacheName)).size, all.length);
  });

  it('give Renode for Linux on both processors, and none elsewhere', () => {
    assert.equal(renodeRelease(linux)?.version, '1.17.0');
    assert.equal(renodeRelease({ platform: 'linux', arch: 'arm64' })?.version, '1.17.0');
    assert.equal(renodeRelease(linux, '1.16.1')?.version, '1.16.1');
    assert.equal(renodeRelease({ platform: 'darwin', arch: 'arm64' }), null);
    assert.equal(renodeRelease({ platform: 'linux', arch: 'riscv64' }), null);
    assert.throws(
      () => requireRenodeRelease(linux, '1.0'),
      /no pinned Renode 1\.0 for linux x64\. Pinned are 1\.17\.0 and 1\.16\.1/,
    );
  });

  it('give a toolchain by version, and name the ones that there are', () => {
    assert.deepEqual(toolchainVersions, ['15.3', '14.3', '14.2', '13.3']);
    assert.equal(toolchainRelease(linux, '14.3').version, '14.3');
    assert.throws(
      () => toolchainRelease(linux, '12.1'),
      /Pinned for this machine: 15\.3, 14\.3, 14\.2, 13\.3;/,
    );
    assert.throws(
      () => toolchainRelease({ platform: 'linux', arch: 'arm64' }, '14.3'),
      /no pinned Arm GNU toolchain 14\.3 for linux arm64\. Pinned for this machine: 15\.3;/,
    );
    assert.throws(() => toolchainRelease({ platform: 'darwin', arch: 'arm64' }, '15.3'), /toolchain: system/);
  });
});
