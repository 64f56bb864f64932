import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { identifierOf } from '../../src/graph/name.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { measureProject } from '../../src/pipeline.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { kernelTexts } from '../codegen/host.ts';
import { runTogether } from '../codegen/host_models.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { buildModel } from '../import/build_model.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { networkOf } from './int16x8_networks.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-int16x8-'));
after(() => rm(folder, { recursive: true, force: true }));

const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

/** A network, and one model of each kernel frame. */
const measured = [
  'digits_keras_int16x8',
  'conv_same_relu6',
  'conv_wide',
  'conv_1x1_float_edges',
  'built_conv_bias32_wraps',
  'built_conv_channels_far_apart',
  'built_conv_multiplier_above_one',
  'fc',
  'dwconv_mult2',
  'transpose_conv',
  'add_broadcast',
  'built_quantize_to_int8',
  'leaky_relu',
  'logistic',
  'batch_matmul',
  'softmax_rows',
  'built_softmax_int8',
];

/** Their assembly runs here only. */
const byChance = seeds.slice(0, 10).map((seed) => `network_${seed}`);
const models = join(folder, 'models');
await mkdir(models);
for (const name of measured)
  await copyFile(join(fixtures, 'int16x8', `${name}.tflite`), join(models, `${name}.tflite`));
for (const [at, name] of byChance.entries())
  await writeFile(join(models, `${name}.tflite`), buildModel(networkOf(at + 1)));

const files = readdirSync(join(fixtures, 'int16x8')).sort();

/** One core for each layout of the kernels. */
for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  test(`all models with int16 activations in one program for ${target}: bit-exact and clean under sanitizers`, async (t) => {
    const together = files.map((file) => {
      const graph = { ...fixtureModel(`int16x8/${file}`), name: identifierOf(basename(file, '.tflite')) };
      const corners = cornerInputs(graph).map(({ inputs }) => inputs);
      return { graph, samples: [...[1, 2, 3].map((seed) => seededInputs(graph, seed)), ...corners] };
    });
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries())
      await t.test(graph.source.file, () => {
        const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
        assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
      });
  });

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  test(`networks of int16 by chance in one program for ${target} are bit-exact`, async () => {
    const together = seeds.map((seed) => {
      const file = `network_${seed}.tflite`;
      const graph = importTflite(buildModel(networkOf(seed)), { file, name: `network_${seed}` });
      return { graph, samples: [1, 2, 3].map((input) => seededInputs(graph, input)) };
    });
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries()) {
      const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
      assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected), graph.source.file);
    }
  });

for (const target of ['cortex-m0plus', 'cortex-m4f', 'cortex-m55'])
  test(`models with int16 activations on an emulated ${target} are bit-exact`, async (t) => {
    const toolchain = await crossCompiler(t);
    const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
    if (toolchain === null || qemu === null) return;
    const measurements = await measureProject(
      {
        folder: models,
        configFile: null,
        emulator: 'qemu',
        toolchain: 'system',
        timeLimitSeconds: 60,
        jobs: [...measured, ...byChance].map((name) => ({
          model: { name, file: `${name}.tflite`, testData: null },
          target,
          optimize: 'balanced' as const,
          preserveInput: false,
          tuned: null,
          budgets: [],
        })),
      },
      { toolchain, emulators: [qemu], runtimeFolder, kernels: await kernelTexts() },
      { outputFolder: join(folder, target), parallel: 2 },
    );
    assert.deepEqual(
      measurements.map(({ model, verification, failures }) => ({
        name: model.name,
        bitExact: verification?.bitExact,
        failures,
      })),
      [...measured, ...byChance].map((name) => ({ name, bitExact: true, failures: [] })),
    );
  });
