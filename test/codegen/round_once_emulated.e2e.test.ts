import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from '../../src/build/build.ts';
import { generate } from '../../src/codegen/generate.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { joined } from '../conformance/joined.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { kernelTexts } from './host.ts';
import { graphOf } from './one_operator.ts';
import { roundingOnce } from './rounding_once.ts';

/** Kernels of graphs that round once, on emulated cores: what is assembly there runs nowhere else. */

const folder = await mkdtemp(join(tmpdir(), 'tinyml-round-once-'));
after(() => rm(folder, { recursive: true, force: true }));

const cores = [
  ['cortex-m0plus', 'balanced'],
  ['cortex-m3', 'balanced'],
  ['cortex-m4f', 'balanced'],
  ['cortex-m4f', 'speed'],
  ['cortex-m55', 'balanced'],
] as const;

const graphs = roundingOnce.map(graphOf);
const { graph, outputs: positions } = joined('round_once', graphs);
const samples = [
  ...[1, 2, 3, 4, 5, 6].map((seed) => graphs.map((each) => seededInputs(each, seed))),
  ...[0, 1, 2].map((at) =>
    graphs.map((each) => cornerInputs(each)[at]?.inputs ?? seededInputs(each, 7 + at)),
  ),
];

for (const [core, optimize] of cores)
  test(`graphs that round once are bit-exact on an emulated ${core}, ${optimize}`, async (t) => {
    const toolchain = await crossCompiler(t);
    const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
    if (toolchain === null || qemu === null) return;
    const target = findTarget(core);
    const own = join(folder, `${core}_${optimize}`);
    await mkdir(own);
    const plan = makePlan(graph, target, { optimize, reorder: false, fuse: 0 });
    const firmware = await build(generate(plan, await kernelTexts()), target, target.qemu.map, {
      folder: own,
      toolchain,
      runtimeFolder,
    });
    const run = await qemu.run(
      firmware,
      { samples: samples.map((each) => Buffer.concat(each.flat())) },
      { timeLimitMs: 60_000, workFolder: own },
    );
    assert.deepEqual(run.ending, { kind: 'done' });
    assert.equal(positions.length, roundingOnce.length);
    for (const [at, each] of samples.entries()) {
      let from = 0;
      for (const [model, one] of graphs.entries()) {
        const expected = Buffer.concat(interpret(one, each[model] ?? []).outputs);
        const given = Buffer.from(run.outputs[at]?.subarray(from, from + expected.length) ?? []);
        assert.deepEqual(given, expected, `${one.name}, sample ${at}`);
        from += expected.length;
      }
    }
  });
