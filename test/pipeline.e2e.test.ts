import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { peerResult, readPeers } from '../bench/peers.ts';
import type { Emulator, InferenceCount } from '../src/emulate/emulator.ts';
import { identifierOf } from '../src/graph/name.ts';
import type { Measurement } from '../src/measurement.ts';
import { measureProject, type Tools } from '../src/pipeline.ts';
import { kernelTexts } from './codegen/host.ts';
import { buildModel } from './import/build_model.ts';
import { mlperfTiny, shared, withShared } from './shared.ts';
import { countingQemu, crossCompiler, runtimeFolder } from './tools.ts';

const examples = join(import.meta.dirname, '..', 'examples', 'digits');

/** The real compiler and QEMU, or null after a loud skip. */
async function realTools(t: TestContext, folder: string): Promise<Tools | null> {
  const toolchain = await crossCompiler(t);
  const qemu = await countingQemu(t, join(folder, 'cache'));
  if (toolchain === null || qemu === null) return null;
  return { toolchain, emulators: [qemu], runtimeFolder, kernels: await kernelTexts() };
}

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-pipeline-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function measure(
  tools: Tools,
  outputFolder: string,
  modelsFolder: string,
  files: readonly string[],
  targets: readonly string[],
): Promise<Measurement[]> {
  const models = files.map((file) => ({ name: identifierOf(file), file, testData: null }));
  const jobs = models.flatMap((model) =>
    targets.map((target) => ({
      model,
      target,
      optimize: 'balanced' as const,
      preserveInput: false,
      tuned: null,
      budgets: [],
    })),
  );
  const project = {
    folder: modelsFolder,
    configFile: null,
    emulator: 'qemu',
    toolchain: 'system',
    timeLimitSeconds: 120,
  } as const;
  return await measureProject({ ...project, jobs }, tools, { outputFolder, parallel: 2 });
}

test('a measurement adds up, and two runs give the same record', async (t) => {
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  if (tools === null) return;
  const run = (name: string) =>
    measure(tools, join(folder, name), examples, ['models/digits_cnn.tflite'], ['cortex-m4f']);
  const [measurement] = await run('one');
  assert.deepEqual(await run('two'), [measurement]);
  assert.ok(measurement !== undefined && measurement.instructions !== null);
  const { flash, layers, instructions } = measurement;
  const sum = (of: (layer: Measurement['layers'][number]) => number) =>
    layers.reduce((total, layer) => total + of(layer), 0);
  assert.equal(
    sum(({ weights }) => weights),
    flash.weights,
  );
  assert.equal(sum(({ tables }) => tables) <= flash.tables, true);
  const invoke = instructions.total - sum(({ instructions }) => instructions ?? 0);
  assert.ok(invoke > 0 && invoke < 20, `invoke itself runs ${invoke} instructions outside of its layers`);
  assert.deepEqual(measurement.failures, []);
  assert.equal(measurement.verification?.bitExact, true);
});

test('a broken kernel is caught, and the first wrong layer is named', async (t) => {
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  if (tools === null) return;
  const kernels = new Map(tools.kernels);
  const whole = kernels.get('depthwise_conv_2d_dsp.h') ?? '';
  kernels.set(
    'depthwise_conv_2d_dsp.h',
    whole.replace('int32_t sum_0 = channel[0],', 'int32_t sum_0 = channel[0] + 200,'),
  );
  assert.notEqual(kernels.get('depthwise_conv_2d_dsp.h'), whole);
  const [measurement] = await measure(
    { ...tools, kernels },
    folder,
    examples,
    ['models/digits_cnn.tflite'],
    ['cortex-m4'],
  );
  assert.equal(measurement?.verification?.bitExact, false);
  const mismatch = measurement.verification.mismatch;
  assert.match(mismatch?.firstLayer ?? '', /^layer_\d+_depthwise_conv_2d$/);
  assert.notEqual(mismatch?.expected, mismatch?.actual);
  assert.deepEqual(
    measurement.failures.map(({ kind }) => kind),
    ['mismatch'],
  );
});

test('a broken kernel in a fused layer is named as a layer of its own', async (t) => {
  if (!withShared(t)) return;
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  if (tools === null) return;
  const kernels = new Map(tools.kernels);
  const whole = kernels.get('depthwise_conv_2d_dsp.h') ?? '';
  kernels.set(
    'depthwise_conv_2d_dsp.h',
    whole.replace('int32_t sum_0 = channel[0],', 'int32_t sum_0 = channel[0] + 200,'),
  );
  assert.notEqual(kernels.get('depthwise_conv_2d_dsp.h'), whole);
  const models = join(shared, 'models');
  const [measurement] = await measure(
    { ...tools, kernels },
    folder,
    models,
    ['kws_ref_model.tflite'],
    ['cortex-m4'],
  );
  assert.match(measurement?.layers[0]?.symbol ?? '', /fused/);
  assert.equal(measurement?.verification?.mismatch?.firstLayer, 'layer_01_depthwise_conv_2d');
});

test('two emulators that differ by one instruction in one layer are a failure that names it', async (t) => {
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  const qemu = tools?.emulators[0];
  if (tools === null || qemu === undefined) return;
  const off = (count: InferenceCount): InferenceCount => ({
    total: count.total + 1,
    layers: count.layers.map((layer, index) =>
      index === 1 ? { ...layer, instructions: layer.instructions + 1 } : layer,
    ),
  });
  const other: Emulator = {
    name: 'renode',
    version: '1.17.0',
    run: async (...given) => {
      const run = await qemu.run(...given);
      return {
        ...run,
        emulator: { name: 'renode', version: '1.17.0' },
        counts: run.counts.map((count, index) => (index === 2 ? off(count) : count)),
      };
    },
  };
  const failures = async (emulators: readonly Emulator[]) =>
    (
      await measure({ ...tools, emulators }, folder, examples, ['models/digits_mlp.tflite'], ['cortex-m4'])
    ).flatMap((measurement) => measurement.failures);
  assert.deepEqual(await failures([qemu, qemu]), []);
  const [failure, ...more] = await failures([other, qemu]);
  assert.deepEqual([failure?.kind, more], ['emulators-differ', []]);
  assert.match(
    failure?.message ?? '',
    /^renode counts \d+ instructions for inference 2 where qemu counts \d+, first in \w*layer_01_\w+\.$/,
  );
});

const valid2x2 = [{ field: 0, int8: 1 }, ...[1, 2, 3, 4].map((field) => ({ field, int32: 2 }))];

test('a model too big for its part is a verdict with the numbers', async (t) => {
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  if (tools === null) return;
  const model = buildModel({
    tensors: [
      { shape: [1, 512, 512, 1], scales: [0.1], zeroPoints: [0] },
      { shape: [1, 256, 256, 1], scales: [0.1], zeroPoints: [0] },
    ],
    operators: [{ code: 17, inputs: [0], outputs: [1], options: { type: 5, fields: valid2x2 } }],
    inputs: [0],
    outputs: [1],
  });
  await writeFile(join(folder, 'big.tflite'), model);
  const [measurement] = await measure(tools, join(folder, 'out'), folder, ['big.tflite'], ['nrf52840']);
  const [failure] = measurement?.failures ?? [];
  assert.equal(failure?.kind, 'does-not-fit');
  assert.match(failure.message, /nRF52840: it needs 3\d\d,\d{3} of 262,144 bytes of RAM\.$/);
  assert.equal(measurement?.failures.length, 1);
});

test('a model too big for the board that stands for a core is one sentence with the numbers', async (t) => {
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  if (tools === null) return;
  const model = buildModel({
    tensors: [
      { shape: [1, 2048, 2304, 1], scales: [0.1], zeroPoints: [0] },
      { shape: [1, 1024, 1152, 1], scales: [0.1], zeroPoints: [0] },
    ],
    operators: [{ code: 17, inputs: [0], outputs: [1], options: { type: 5, fields: valid2x2 } }],
    inputs: [0],
    outputs: [1],
  });
  await writeFile(join(folder, 'huge.tflite'), model);
  await assert.rejects(
    measure(tools, join(folder, 'out'), folder, ['huge.tflite'], ['cortex-m3']),
    /needs 5,9\d\d,\d{3} of 4,194,304 bytes of RAM on the largest emulated Cortex-M3 board/,
  );
});

const thirds = ['cortex-m3', 'cortex-m4f', 'cortex-m7', 'cortex-m33', 'cortex-m55'];

test("the MLPerf Tiny models take at most a third of the reference kernels' instructions, half on Cortex-M0+", async (t) => {
  if (!withShared(t)) return;
  const folder = await temporary(t);
  const tools = await realTools(t, folder);
  if (tools === null) return;
  const peers = readPeers();
  const files = mlperfTiny.map((name) => `${name}.tflite`);
  const measurements = await measure(tools, folder, join(shared, 'models'), files, [
    ...thirds,
    'cortex-m0plus',
  ]);
  for (const { model, target, instructions, failures } of measurements) {
    assert.deepEqual(failures, [], `${model.name} on ${target}`);
    // The reference was not measured on the M33; its code there is the M4F's but for a few instructions.
    const peerTarget = target === 'cortex-m33' ? 'cortex-m4f' : target;
    const reference = peerResult(
      peers,
      { model: model.file.replace('.tflite', ''), target: peerTarget },
      'tflm-reference',
    );
    assert.ok(reference !== undefined, `${model.file} on ${target} is not in bench/peers.json`);
    const limit = reference.instructions / (target === 'cortex-m0plus' ? 2 : 3);
    assert.ok(
      (instructions?.total ?? Number.POSITIVE_INFINITY) <= limit,
      `${model.name} on ${target}: ${instructions?.total} of ${limit}`,
    );
  }
});
