import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadModel } from '../../src/pipeline.ts';
import { loadProject } from '../../src/project/load.ts';
import { fixtures } from '../golden/golden.ts';
import { folderWith } from './folder.ts';

/** `arithmetic: float32` in tinyml.yml. */

function project(t: TestContext, model: string, settings: string) {
  const folder = folderWith(t, {
    'digits.tflite': readFileSync(join(fixtures, 'digits', model)),
    'tinyml.yml': `models:\n  - file: digits.tflite\n${settings}`,
  });
  const [job] = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs;
  assert.ok(job !== undefined);
  return { folder, entry: job.model };
}

test('a float model that is to compute in float32 stays as it is, and needs no data', async (t) => {
  const { folder, entry } = project(t, 'digits_keras_float.tflite', '    arithmetic: float32\n');
  const { graph, cases, float } = await loadModel({ folder }, entry);
  assert.equal(float, null);
  assert.ok(graph.tensors.some(({ type, data }) => type === 'float32' && data !== null));
  assert.ok(cases.every(({ allowed }) => allowed?.length === 1));
});

test('without it the refusal names both ways', async (t) => {
  const { folder, entry } = project(t, 'digits_keras_float.tflite', '');
  await assert.rejects(
    loadModel({ folder }, entry),
    /there is no data to quantize it with\. Give real inputs under `quantize: calibration:` .*, or run it as it is with `arithmetic: float32`/,
  );
});

test('a quantized model cannot compute in float32', async (t) => {
  const { folder, entry } = project(t, 'digits_keras_int8.tflite', '    arithmetic: float32\n');
  await assert.rejects(
    loadModel({ folder }, entry),
    /digits\.tflite: This model is quantized already, so it cannot compute in float32\. Remove `arithmetic: float32`/,
  );
});

test('another arithmetic is refused where it stands', (t) => {
  assert.throws(
    () => project(t, 'digits_keras_float.tflite', '    arithmetic: float64\n'),
    /tinyml\.yml:3.*float64|tinyml\.yml.*arithmetic/,
  );
});
