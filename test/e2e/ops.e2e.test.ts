import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measureProject } from '../../src/pipeline.ts';
import { kernelTexts } from '../codegen/host.ts';
import { fixtures } from '../golden/golden.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-ops-'));
after(() => rm(folder, { recursive: true, force: true }));

/** One for each new kernel frame. gcc 12 once dropped the call of the TRANSPOSE. */
const models = [
  'argmax',
  'batch_matmul',
  'concat_c',
  'l2norm',
  'log_softmax',
  'mirror_pad',
  'mul_broadcast',
  'pad',
  'prelu',
  'reduce_max',
  'resize_bilinear',
  'split',
  'transpose',
  'transpose_conv_s2',
];

test('operators on an emulated cortex-m4f are bit-exact, and bring no C library', async (t) => {
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
  if (toolchain === null || qemu === null) return;
  const measurements = await measureProject(
    {
      folder: join(fixtures, 'ops'),
      configFile: null,
      emulator: 'qemu',
      toolchain: 'system',
      timeLimitSeconds: 60,
      jobs: models.map((name) => ({
        model: { name, file: `${name}.tflite`, testData: null },
        target: 'cortex-m4f',
        optimize: 'balanced' as const,
        preserveInput: false,
        tuned: null,
        budgets: [],
      })),
    },
    { toolchain, emulators: [qemu], runtimeFolder, kernels: await kernelTexts() },
    { outputFolder: join(folder, 'out'), parallel: 2 },
  );
  assert.deepEqual(
    measurements.map(({ model, verification, flash, failures }) => ({
      name: model.name,
      bitExact: verification?.bitExact,
      runtime: flash?.runtime,
      failures,
    })),
    models.map((name) => ({ name, bitExact: true, runtime: 0, failures: [] })),
  );
});
