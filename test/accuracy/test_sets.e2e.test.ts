import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { execaSync } from 'execa';
import { writeNpy } from '../../src/accuracy/write_npy.ts';
import { buildHostProgram } from '../../src/build/host_program.ts';
import { generate } from '../../src/codegen/generate.ts';
import { openNpy } from '../../src/data/npy.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import type { TestData } from '../../src/project/project.ts';
import { openTestData } from '../../src/project/testdata.ts';
import { type ScoreRequest, scoreModel } from '../../src/score_model.ts';
import { findTarget } from '../../src/targets/index.ts';
import { kernelTexts } from '../codegen/host.ts';
import { shared, sharedModel, withShared } from '../shared.ts';
import { runtimeFolder } from '../tools.ts';

/** Real models on real test sets, against what TensorFlow Lite Micro answered. */

const folder = mkdtempSync(join(tmpdir(), 'tinyml-test-sets-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function withCompiler(t: TestContext): boolean {
  if (!execaSync('cc', ['--version'], { reject: false }).failed) return true;
  t.skip('SKIPPED: there is no C compiler for this machine (cc)');
  return false;
}

async function requestOf(
  name: string,
  testData: TestData,
  fields: Partial<ScoreRequest> = {},
): Promise<ScoreRequest> {
  const imported = sharedModel(name);
  return {
    folder: shared,
    entry: { name, file: `${name}.tflite`, testData },
    imported,
    graph: optimize(imported),
    float: null,
    workFolder: join(folder, 'work'),
    runtimeFolder,
    kernels: await kernelTexts(),
    programs: undefined,
    ...fields,
  };
}

const data = (inputs: string, labels: string | null = null): TestData => ({
  inputs,
  labels,
  label: null,
  classes: null,
  samples: 1,
});

describe('keyword spotting on all of its 1,000 samples', () => {
  const keywords = data('data/kws_x.npy', 'data/kws_y.npy');

  it('answers as TensorFlow Lite Micro, in C that is compiled for this machine', async (t) => {
    if (!withShared(t) || !withCompiler(t)) return;
    const graph = sharedModel('kws_ref_model');
    const plan = makePlan(optimize(graph), findTarget('cortex-m3'));
    const sources = generate(plan, await kernelTexts());
    const program = await buildHostProgram(sources, { folder: join(folder, 'host'), runtimeFolder });
    assert.ok(program !== null);
    const set = openTestData(shared, keywords, graph);
    t.after(() => Promise.all([program.close(), set.close()]));
    const inputs = Array.from({ length: set.count }, (_, index) => Buffer.concat(set.inputs(index)));
    const outputs = (await program.run(inputs)) ?? [];
    assert.equal(
      createHash('sha256').update(Buffer.concat(outputs)).digest('hex'),
      'a62256c3f761c18a7ce7f39c44ff4134df5052d96e95b5867e7f6e8db0120b96',
    );
  });

  it('is scored there, since the reference would take long', async (t) => {
    if (!withShared(t) || !withCompiler(t)) return;
    const parts: number[] = [];
    const evaluation = await scoreModel(await requestOf('kws_ref_model', keywords), (part) =>
      parts.push(part),
    );
    const accuracy = evaluation?.accuracy;
    assert.deepEqual([accuracy?.computedBy, accuracy?.correct, accuracy?.samples], ['host', 901, 1000]);
    assert.equal(parts[0], 0);
    assert.equal(parts.at(-1), 1);
    assert.ok(parts.every((part, at) => at === 0 || part >= (parts[at - 1] ?? 0)));
  });

  it('is scored by the reference where there are few', async (t) => {
    if (!withShared(t)) return;
    const request = await requestOf('kws_ref_model', keywords);
    const accuracy = { metric: null, samples: 100, tolerance: 0 };
    const few = await scoreModel({ ...request, entry: { ...request.entry, accuracy } }, () => {});
    assert.deepEqual([few?.accuracy?.computedBy, few?.accuracy?.samples], ['reference', 100]);
    assert.deepEqual([few?.answers.of, few?.answers.samples], [1000, 100]);
  });
});

describe('anomaly detection', () => {
  it('takes the error of the autoencoder as its answer', async (t) => {
    if (!withShared(t)) return;
    // Windows of five spectra, as they come and in the wrong order; quantized as the model says.
    const spectrogram = openNpy(shared, 'data/ad_spectrogram.npy');
    const windows = Array.from({ length: 196 }, (_, at) =>
      Array.from({ length: 5 }, (_, row) => spectrogram.row(at + row)),
    );
    spectrogram.close();
    const odd = windows
      .filter((_, at) => at % 4 === 0)
      .map((window) => window.map((row) => [...row].reverse()));
    writeNpy(
      join(folder, 'x.npy'),
      'float32',
      [640],
      [...windows, ...odd].map((window) => window.flat()),
    );
    writeNpy(join(folder, 'y.npy'), 'int32', [], [...windows.map(() => [0]), ...odd.map(() => [1])]);
    const evaluation = await scoreModel(
      await requestOf('ad01_int8', data('x.npy', 'y.npy'), { folder }),
      () => {},
    );
    assert.deepEqual([evaluation?.accuracy?.name, evaluation?.accuracy?.value], ['AUC', 100]);
    const scores = Buffer.from(evaluation?.answers.answers ?? '', 'base64');
    const normal = windows.map((_, at) => scores.readFloatLE(4 * at));
    const mean = normal.reduce((sum, score) => sum + score, 0) / normal.length;
    // 10.264 against the input before it was quantized.
    assert.ok(Math.abs(mean - 10.264) < 0.1, `mean error ${mean}`);
  });
});

describe('a model that we quantize', () => {
  it('is compared with its float network on the same samples', async (t) => {
    if (!withShared(t)) return;
    const quantized = sharedModel('digits/digits_keras_int8');
    const float = sharedModel('digits/digits_keras_float');
    const testData = data('data/digits_x.npy', 'data/digits_y.npy');
    const request = await requestOf('digits/digits_keras_int8', testData, {
      imported: quantized,
      graph: optimize(quantized),
      float,
    });
    const { accuracy } = (await scoreModel(request, () => {})) ?? {};
    // TensorFlow's own figures for these two files: 0.965 and 0.970, 0.995 the same, 39.3 dB.
    assert.equal(accuracy?.correct, 193);
    assert.deepEqual(accuracy?.float, { value: 97, sameAnswers: 199, decibels: 39.33 });
    // The same as integers of the quantized model, which stand for real numbers.
    const set = openTestData(shared, testData, quantized);
    const rows = Array.from({ length: set.count }, (_, at) => new Int8Array(set.inputs(at)[0] ?? []));
    set.close();
    writeNpy(join(folder, 'integers.npy'), 'int8', [8, 8, 1], rows);
    copyFileSync(join(shared, 'data', 'digits_y.npy'), join(folder, 'digits_y.npy'));
    const entry = { ...request.entry, testData: data('integers.npy', 'digits_y.npy') };
    const rounded = await scoreModel({ ...request, folder, entry }, () => {});
    assert.equal(rounded?.accuracy?.correct, 193);
    assert.ok((rounded?.accuracy?.float?.sameAnswers ?? 0) >= 198);
  });
});
