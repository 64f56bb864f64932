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

type PlanOptions = Parameters<typeof makePlan>[2];

/** Builds a graph, runs it on samples, each the bytes of all inputs, and gives the bytes of all outputs for each. */
type RunGraph = (
  graph: Graph,
  samples: readonly (readonly Uint8Array[])[],
  options?: PlanOptions,
) => Promise<readonly Buffer[]>;

/** Firmware of made-up graphs on an emulated core; null after a loud skip where compiler or emulator are missing. */
export async function onEmulatedCore(t: TestContext, core: string): Promise<RunGraph | null> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-emulated-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
  if (toolchain === null || qemu === null) return null;
  const target = findTarget(core);
  const kernels = await kernelTexts();
  return async (graph, samples, options) => {
    const own = join(folder, graph.name);
    const firmware = await build(
      generate(makePlan(graph, target, options), kernels),
      target,
      target.qemu.map,
      { folder: own, toolchain, runtimeFolder },
    );
    const run = await qemu.run(
      firmware,
      { samples: samples.map((inputs) => Buffer.concat(inputs)) },
      { timeLimitMs: 60_000, workFolder: join(own, 'run') },
    );
    assert.deepEqual(run.ending, { kind: 'done' });
    return run.outputs.map((output) => Buffer.from(output));
  };
}

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
  const run = await onEmulatedCore(t, core);
  if (run === null) return;
  const samples = [
    ...[1, 2, 3, 4, 5, 6].map((seed) => graphs.map((each) => seededInputs(each, seed))),
    ...[0, 1, 2].map((at) =>
      graphs.map((each) => cornerInputs(each)[at]?.inputs ?? seededInputs(each, 7 + at)),
    ),
  ];
  const outputs = await run(
    joined('together', graphs).graph,
    samples.map((each) => each.flat()),
    { optimize, reorder: false, fuse: 0 },
  );
  for (const [at, each] of samples.entries()) {
    let from = 0;
    for (const [model, one] of graphs.entries()) {
      const expected = Buffer.concat(interpret(one, each[model] ?? []).outputs);
      const given = outputs[at]?.subarray(from, from + expected.length);
      assert.deepEqual(given, expected, `${one.name}, sample ${at}`);
      from += expected.length;
    }
  }
}
