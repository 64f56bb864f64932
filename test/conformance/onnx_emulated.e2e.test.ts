import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pMap from 'p-map';
import { build } from '../../src/build/build.ts';
import type { Toolchain } from '../../src/build/toolchain.ts';
import { generate } from '../../src/codegen/generate.ts';
import type { Emulator } from '../../src/emulate/emulator.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { type Case, unpack } from '../../src/verify/cases.ts';
import { initialState, interpret } from '../../src/verify/interpreter.ts';
import { roundingErrors } from '../../src/verify/rounding_errors.ts';
import { outputTolerances } from '../../src/verify/tolerance.ts';
import { verify } from '../../src/verify/verify.ts';
import { kernelTexts } from '../codegen/host.ts';
import { runTogether } from '../codegen/host_models.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { type Joined, joined, outputsIn } from './joined.ts';
import {
  firstDifference,
  type ImportedTest,
  importNodeTest,
  type NodeTest,
  nodeTestsIn,
} from './node_test.ts';
import { committedPassList, onnxWheel } from './pass_list.ts';

/**
 * ONNX's own tests of its operators, all that the committed list says pass, as C: on emulated cores and on the host under
 * sanitizers. Their models are joined, some dozens in one library.
 */

const perProgram = 48;

interface Batch extends Joined {
  readonly tests: readonly { readonly test: NodeTest; readonly imported: ImportedTest }[];
  /** All models' inputs, and what the reference makes of them. */
  readonly reference: Case;
}

function batches(wheel: string): readonly Batch[] {
  const passed = new Set(Object.values(committedPassList().passed).flat());
  const tests = nodeTestsIn(wheel)
    .filter(({ name }) => passed.has(name))
    .map((each) => ({ test: each, imported: importNodeTest(each) }));
  assert.equal(tests.length, passed.size, 'the list names tests that the wheel does not have');
  const parts = Math.ceil(tests.length / perProgram);
  return Array.from({ length: parts }, (_, part) => {
    // Neighbours are alike: dealt out, all parts take about as long.
    const own = tests.filter((_each, at) => at % parts === part);
    const graphs = own.map(({ test: { name }, imported }) => ({ ...imported.graph, name }));
    const whole = joined(`node_tests_${part}`, graphs);
    return {
      ...whole,
      tests: own,
      reference: referenceOf(
        whole,
        own.flatMap(({ imported }) => imported.inputs),
      ),
    };
  });
}

function referenceOf({ graph }: Joined, inputs: readonly Uint8Array[]): Case {
  const { outputs, tensors } = interpret(graph, inputs, initialState(graph));
  return {
    label: 'the test',
    input: Buffer.concat(inputs),
    expected: Buffer.concat(outputs),
    allowed: outputTolerances(graph, roundingErrors(graph, tensors)),
    sample: null,
    continues: false,
  };
}

/** Outputs against those of ONNX, test by test, and all against the reference within its bound. */
function requireRight({ graph, outputs, tests, reference }: Batch, packed: Uint8Array): void {
  const { mismatch } = verify(graph, [reference], [packed]);
  assert.equal(mismatch, null, 'outside of the bound of the reference');
  const given = outputsIn(graph, packed);
  const wrong = tests.flatMap(({ test: { name }, imported }, at) => {
    const own = (outputs[at] as readonly number[]).map((position) => given[position] as Uint8Array);
    const difference = firstDifference(imported.graph, own, imported.expected);
    return difference === null ? [] : [`${name}: ${difference}`];
  });
  assert.deepEqual(wrong, []);
}

const folder = await mkdtemp(join(tmpdir(), 'tinyml-onnx-'));
after(() => rm(folder, { recursive: true, force: true }));
const wheel = onnxWheel();
const all = wheel === null ? [] : batches(wheel);
const missing =
  'SKIPPED: no wheel with the ONNX node tests (pip download onnx==1.21.0; TINYML_ONNX_WHEEL names it)';

async function onCore(batch: Batch, core: string, toolchain: Toolchain, emulator: Emulator): Promise<void> {
  const target = findTarget(core);
  const own = join(folder, `${core}_${batch.graph.name}`);
  await mkdir(own);
  const plan = makePlan(optimize(batch.graph), target, { reorder: false, fuse: 0 });
  const firmware = await build(generate(plan, await kernelTexts()), target, target.qemu.map, {
    folder: own,
    toolchain,
    runtimeFolder,
    level: '-Os',
  });
  const run = await emulator.run(
    firmware,
    { samples: [batch.reference.input] },
    { timeLimitMs: 60_000, workFolder: own },
  );
  assert.deepEqual(run.ending, { kind: 'done' });
  requireRight(batch, run.outputs[0] ?? new Uint8Array());
}

for (const core of ['cortex-m4f', 'cortex-m0plus'])
  test(`the node tests of ONNX that pass give the same on an emulated ${core}`, async (t) => {
    if (wheel === null) return t.skip(missing);
    const toolchain = await crossCompiler(t);
    const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
    if (toolchain === null || qemu === null) return;
    await pMap(all, (batch) => onCore(batch, core, toolchain, qemu), { concurrency: 2 });
    t.diagnostic(`${all.flatMap(({ tests }) => tests).length} tests, in ${all.length} programs`);
  });

test('the node tests of ONNX that pass give the same as C on the host, clean under sanitizers', async (t) => {
  if (wheel === null) return t.skip(missing);
  const models = all.map(({ graph, reference }) => ({ graph, samples: [unpack(graph, reference.input)] }));
  const outputs = await runTogether(models, 'cortex-m4f', { reorder: false, fuse: 0 });
  for (const [at, batch] of all.entries()) requireRight(batch, outputs[at] ?? new Uint8Array());
});
