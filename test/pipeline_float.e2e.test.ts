import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findRenode } from '../src/emulate/renode.ts';
import { DeployError } from '../src/errors.ts';
import type { Measurement } from '../src/measurement.ts';
import { measureProject, type Tools } from '../src/pipeline.ts';
import { kernelTexts } from './codegen/host.ts';
import { fixtures } from './golden/golden.ts';
import { shared, withShared } from './shared.ts';
import { countingQemu, crossCompiler, runtimeFolder } from './tools.ts';

/** Models that compute in float32, on the emulated cores. */

interface Setting {
  readonly folder: string;
  readonly file: string;
  readonly targets: readonly string[];
  readonly kernels?: ReadonlyMap<string, string>;
}

/** With the real compiler and QEMU, and Renode where it is; null after a loud skip. */
async function measure(t: TestContext, setting: Setting): Promise<Measurement[] | null> {
  const outputFolder = await mkdtemp(join(tmpdir(), 'tinyml-float-'));
  t.after(() => rm(outputFolder, { recursive: true, force: true }));
  const toolchain = await crossCompiler(t);
  const qemu = await countingQemu(t, join(outputFolder, 'cache'));
  if (toolchain === null || qemu === null) return null;
  const renode = await findRenode().catch((error: unknown) => {
    if (!(error instanceof DeployError)) throw error;
    t.diagnostic('Renode is not here: QEMU alone judges');
    return null;
  });
  const kernels = setting.kernels ?? (await kernelTexts());
  const emulators = renode === null ? [qemu] : [renode, qemu];
  const tools: Tools = { toolchain, emulators, runtimeFolder, kernels };
  const model = { name: 'model', file: setting.file, testData: null, arithmetic: 'float32' as const };
  const jobs = setting.targets.map((target) => ({
    model,
    target,
    optimize: 'balanced' as const,
    preserveInput: false,
    tuned: null,
    budgets: [],
  }));
  const project = {
    folder: setting.folder,
    configFile: null,
    emulator: 'auto',
    toolchain: 'system',
    timeLimitSeconds: 240,
    jobs,
  } as const;
  return await measureProject(project, tools, { outputFolder, parallel: 2 });
}

const hard = ['cortex-m4f', 'cortex-m7', 'cortex-m33', 'cortex-m55'];
const soft = ['cortex-m0plus', 'cortex-m3', 'cortex-m4'];

test('a small float network runs on every core within its bound, and both emulators give the same bits', async (t) => {
  if (!withShared(t)) return;
  const measured = await measure(t, {
    folder: join(shared, 'models'),
    file: 'hello_world_float.tflite',
    targets: [...hard, ...soft],
  });
  if (measured === null) return;
  const totalOn = (name: string) =>
    measured.find(({ target }) => target === name)?.instructions?.total ?? Number.NaN;
  for (const { target, failures, verification, flash, emulations } of measured) {
    assert.deepEqual(failures, [], target);
    assert.equal(verification?.bitExact, false, target);
    assert.ok(verification.float32 !== undefined, target);
    assert.ok(verification.float32.ulp <= verification.float32.bound, target);
    t.diagnostic(`${target}: ${totalOn(target)} instructions, ${flash.runtime} B of library code`);
    t.diagnostic(`${target}: ${verification.float32.ulp} ulp, ${emulations.length} emulators`);
    // What the compiler brings along for each operation without a floating-point unit; nothing with one.
    assert.equal(flash.runtime > 0, soft.includes(target), target);
  }
  assert.ok(totalOn('cortex-m4') > 10 * totalOn('cortex-m4f'));
});

test('a convolutional float network runs with hard and soft float', async (t) => {
  const measured = await measure(t, {
    folder: join(fixtures, 'digits'),
    file: 'digits_keras_float.tflite',
    targets: ['cortex-m4f', 'cortex-m3'],
  });
  if (measured === null) return;
  for (const { target, failures, verification } of measured) {
    assert.deepEqual(failures, [], target);
    assert.ok(verification?.float32 !== undefined, target);
  }
  const [onM4f] = measured;
  const macs = onM4f?.layers.reduce((sum, each) => sum + each.macs, 0) ?? Number.NaN;
  assert.ok((onM4f?.instructions?.total ?? Number.NaN) < 3 * macs);
});

test('a model with float16 weights and a hybrid one run as they are', async (t) => {
  if (!withShared(t)) return;
  for (const file of ['digits_keras_float16.tflite', 'digits_keras_dynrange.tflite']) {
    const measured = await measure(t, {
      folder: join(shared, 'models', 'digits'),
      file,
      targets: ['cortex-m4f'],
    });
    if (measured === null) return;
    assert.deepEqual(measured[0]?.failures, [], file);
    assert.ok(measured[0]?.verification?.float32 !== undefined, file);
  }
});

test('recurrent float networks run, and those with state as streams', async (t) => {
  for (const file of ['gru_bidirectional.onnx', 'lstm_streaming.onnx', 'variable_float.tflite']) {
    const measured = await measure(t, {
      folder: join(fixtures, 'recurrent'),
      file,
      targets: ['cortex-m4f'],
    });
    if (measured === null) return;
    for (const { target, failures, verification } of measured) {
      assert.deepEqual(failures, [], `${file} on ${target}`);
      assert.ok(verification?.float32 !== undefined, `${file} on ${target}`);
    }
  }
});

test('a float kernel that is wrong by a thousandth is caught, and its layer named', async (t) => {
  const kernels = new Map(await kernelTexts());
  const file = 'depthwise_conv_2d_float32.h';
  const whole = kernels.get(file) ?? '';
  kernels.set(file, whole.replace('= first_sum(f, first + c);', '= first_sum(f, first + c) + 1e-3f;'));
  assert.notEqual(kernels.get(file), whole);
  const measured = await measure(t, {
    folder: join(fixtures, 'digits'),
    file: 'digits_keras_float.tflite',
    targets: ['cortex-m4f'],
    kernels,
  });
  if (measured === null) return;
  const [measurement] = measured;
  assert.equal(measurement?.verification?.float32, undefined);
  assert.match(measurement?.verification?.mismatch?.firstLayer ?? '', /^layer_\d+_depthwise_conv_2d$/);
  assert.ok(measurement?.failures.some(({ kind }) => kind === 'mismatch'));
});
