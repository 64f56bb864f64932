import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { execa } from 'execa';
import { findCountingPlugin } from '../../src/emulate/counting_plugin.ts';
import { runtimeFolder } from '../tools.ts';

const cacheFolder = await mkdtemp(join(tmpdir(), 'tinyml-plugin-'));
after(() => rm(cacheFolder, { recursive: true, force: true }));

const source = join(runtimeFolder, 'emulate', 'counting_plugin.c');

for (const version of [1, 2])
  test(`the plugin for interface version ${version} is C without a warning and exports that version`, async (t) => {
    const path = join(cacheFolder, `v${version}.so`);
    const flags = ['-shared', '-fPIC', '-std=c11', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'];
    const built = await execa('cc', [...flags, `-DTINYML_PLUGIN_VERSION=${version}`, source, '-o', path], {
      reject: false,
    });
    if (built.code === 'ENOENT') return t.skip('there is no host C compiler (cc)');
    assert.equal(built.failed, false, built.stderr);
    const { stdout } = await execa('nm', ['-D', path]);
    assert.match(stdout, / D qemu_plugin_version$/m);
    assert.match(stdout, / T qemu_plugin_install$/m);
    const scoreboard = / U qemu_plugin_scoreboard_new$/m.test(stdout);
    assert.equal(scoreboard, version === 2);
  });

test('the plugin is built once and kept, also when several ask at a time', async (t) => {
  const folder = join(cacheFolder, 'kept');
  const ask = async () => await findCountingPlugin({ runtimeFolder, cacheFolder: folder, qemuMajor: 7 });
  const found = await Promise.all([ask(), ask(), ask()]);
  if (found[0]?.path === null) return t.skip(found[0].missing);
  assert.equal(new Set(found.map(({ path }) => path)).size, 1);
  assert.equal((await readdir(folder)).length, 1);
});
