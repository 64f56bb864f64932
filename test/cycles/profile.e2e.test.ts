import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from '../../src/build/build.ts';
import { readProfile } from '../../src/cycles/profile.ts';
import { findTarget } from '../../src/targets/index.ts';
import { toySamples } from '../emulate/toy_runs.ts';
import { toySources } from '../fixtures/toy/toy.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-profile-'));
after(() => rm(folder, { recursive: true, force: true }));

for (const name of ['cortex-m0plus', 'cortex-m4', 'cortex-m7', 'cortex-m55'])
  test(`${name}: the profile holds every instruction that is counted, layer by layer`, async (t) => {
    const toolchain = await crossCompiler(t);
    const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
    if (toolchain === null || qemu === null) return;
    const target = findTarget(name);
    const firmware = await build(toySources('none'), target, target.qemu.map, {
      folder: join(folder, name),
      toolchain,
      runtimeFolder,
    });
    const workFolder = join(folder, name, 'run');
    const run = async () =>
      await qemu.run(firmware, { samples: toySamples }, { timeLimitMs: 60_000, workFolder });
    const first = await run();
    const [count] = first.counts;
    assert.ok(count !== undefined);
    if (target.timing === undefined) {
      assert.equal(first.cycles, undefined, 'no timing, no estimate');
      return;
    }
    const profile = readProfile(
      await readFile(join(workFolder, 'profile.txt'), 'utf8'),
      firmware.marks.length,
    );
    const totals = profile?.map(({ executed }) => executed.reduce((sum, each) => sum + each.count, 0)) ?? [];
    assert.deepEqual(
      totals.slice(1),
      count.layers.map(({ instructions }) => instructions),
    );
    assert.equal(
      totals.reduce((sum, each) => sum + each, 0),
      count.total,
    );
    // Never more often in order than at all.
    for (const { executed } of profile ?? [])
      for (const each of executed) assert.ok(each.sequential <= each.count);
    const { cycles } = first;
    assert.ok(cycles !== undefined && cycles.low <= cycles.estimate && cycles.estimate <= cycles.high);
    assert.deepEqual((await run()).cycles, cycles);
  });
