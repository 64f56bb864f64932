import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from '../../src/build/build.ts';
import { generate } from '../../src/codegen/generate.ts';
import type { Graph } from '../../src/graph/graph.ts';
import type { OptimizeSetting } from '../../src/operators/setting.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { joined } from '../conformance/joined.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { kernelTexts } from './host.ts';

/**
 * Builds all graphs, of one rounding, into one firmware, runs it on the emulated core, and compares every output with the
 * reference's: six seeds and three corners. A loud skip where compiler or emulator are missing.
 */
export async function requireExactOnCore(
  t: TestContext,
  graphs: readonly Graph[],
  core: string,
  optimize: OptimizeSetting,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-emulated-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
  if (toolchain === null || qemu === null) return;
  const target = findTarget(core);
  const plan = makePlan(joined('together', graphs).graph, target, { optimize, reorder: false, fuse: 0 });
  const firmware = await build(generate(plan, await kernelTexts()), target, target.qemu.map, {
    folder,
    toolchain,
    runtimeFolder,
  });
  const samples = [
    ...[1, 2, 3, 4, 5, 6].map((seed) => graphs.map((each) => seededInputs(each, seed))),
    ...[0, 1, 2].map((at) =>
      graphs.map((each) => cornerInputs(each)[at]?.inputs ?? seededInputs(each, 7 + at)),
    ),
  ];
  const { ending, outputs } = await qemu.run(
    firmware,
    { samples: samples.map((each) => Buffer.concat(each.flat())) },
    { timeLimitMs: 60_000, workFolder: folder },
  );
  assert.deepEqual(ending, { kind: 'done' });
  for (const [at, each] of samples.entries()) {
    let from = 0;
    for (const [model, one] of graphs.entries()) {
      const expected = Buffer.concat(interpret(one, each[model] ?? []).outputs);
      const given = Buffer.from(outputs[at]?.subarray(from, from + expected.length) ?? []);
      assert.deepEqual(given, expected, `${one.name}, sample ${at}`);
      from += expected.length;
    }
  }
}
