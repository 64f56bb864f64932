import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linkFirmware } from '../../src/build/build.ts';
import { compileObjects } from '../../src/build/compile.ts';
import { generate } from '../../src/codegen/generate.ts';
import type { Run } from '../../src/emulate/emulator.ts';
import { findQemu } from '../../src/emulate/qemu.ts';
import { findRenode } from '../../src/emulate/renode.ts';
import { runsOn } from '../../src/emulate/runs_on.ts';
import { DeployError } from '../../src/errors.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { kernelTexts } from '../codegen/host.ts';
import { stimulusOf } from '../golden/golden.ts';
import { crossCompiler, runtimeFolder } from '../tools.ts';
import { readSequences, stateModel } from './sequences.ts';

const folder = await realpath(await mkdtemp(join(tmpdir(), 'tinyml-state-')));
after(() => rm(folder, { recursive: true, force: true }));

const golden = readSequences();
/** Models on the cores whose kernels they take. */
const jobs = [
  ['svdf_int16_rank2', 'cortex-m4'],
  ['svdf_int8', 'cortex-m0plus'],
  ['lstm_two', 'cortex-m4'],
  // gcc had no registers left for these.
  ['lstm_batches_clipped', 'cortex-m4'],
  ['lstm_time_major', 'cortex-m4'],
  ['variable_call_once', 'cortex-m3'],
] as const;

for (const [name, core] of jobs)
  for (const [emulator, find] of [
    ['qemu', () => findQemu({ runtimeFolder, cacheFolder: join(folder, 'cache') })],
    ['renode', () => findRenode()],
  ] as const)
    test(`${name} on ${core} in ${emulator}: a sequence without a reset, and samples from a reset, bit-exact`, async (t) => {
      const toolchain = await crossCompiler(t);
      if (toolchain === null) return;
      const found = await find().catch((error) => {
        if (!(error instanceof DeployError)) throw error;
        t.skip(`SKIPPED: ${error.message}`);
        return null;
      });
      if (found === null) return;
      const target = findTarget(core);
      if (!runsOn(found, target)) {
        t.skip(`SKIPPED: ${emulator} ${found.version} does not run ${core}`);
        return;
      }
      const graph = optimize(stateModel(name));
      const place = join(folder, `${name}-${emulator}`);
      const objects = await compileObjects(generate(makePlan(graph, target), await kernelTexts()), target, {
        folder: place,
        toolchain,
        runtimeFolder,
      });
      const firmware = await linkFirmware(objects, target[emulator].map, { label: 'firmware' });
      const { labels, outputs } = golden.models[name]?.seeds ?? { labels: [], outputs: [] };
      const samples = labels.map((label) => Buffer.concat(stimulusOf(graph, label)));
      const first = samples[0] as Uint8Array;
      // A sequence, and behind it the first sample again, from a reset.
      const continuing = new Set(samples.map((_, index) => index).slice(1));
      const run: Run = await found.run(
        firmware,
        { samples: [...samples, first], continuing },
        { timeLimitMs: 60_000, workFolder: join(place, 'run') },
      );
      assert.deepEqual(run.ending, { kind: 'done' });
      assert.deepEqual(
        run.outputs.map((output) => Buffer.from(output).toString('hex')),
        [...outputs, outputs[0]],
      );
      assert.equal(run.counts.length, samples.length + 1);
    });
