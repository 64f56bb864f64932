import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measureProject } from '../../src/pipeline.ts';
import { kernelTexts } from '../codegen/host.ts';
import { fixtures } from '../golden/golden.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-quantized-onnx-'));
after(() => rm(folder, { recursive: true, force: true }));

const jobs = ['digits_qdq_u8s8', 'digits_qop_int8'].flatMap((name) =>
  ['cortex-m0plus', 'cortex-m4f', 'cortex-m55'].map((target) => ({ name, target })),
);

test('quantized ONNX on emulated cores, rounding once in software, in a float unit, in Helium: bit-exact', async (t) => {
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
  if (toolchain === null || qemu === null) return;
  const measurements = await measureProject(
    {
      folder: join(fixtures, 'digits'),
      configFile: null,
      emulator: 'qemu',
      toolchain: 'system',
      timeLimitSeconds: 60,
      jobs: jobs.map(({ name, target }) => ({
        model: { name, file: `${name}.onnx`, testData: null },
        target,
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
    measurements.map(({ model, target, verification, failures }) => ({
      name: model.name,
      target,
      bitExact: verification?.bitExact,
      failures,
    })),
    jobs.map(({ name, target }) => ({ name, target, bitExact: true, failures: [] })),
  );
});
