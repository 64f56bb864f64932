import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { describeQuantization } from '../../src/cli/quantization_text.ts';
import { loadExplained } from '../../src/pipeline.ts';
import { loadProject } from '../../src/project/load.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { unevenFile } from '../quantize/uneven.ts';

/** `quantize:` of tinyml.yml: what activations are rounded to, and what that may cost. */

function project(t: TestContext, quantize: string, rest = '') {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-quantize-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = 'digits/digits_keras_float.tflite';
  const file = readFileSync(join(fixtures, path));
  writeFileSync(join(folder, 'digits.tflite'), unevenFile(file, fixtureModel(path), 256));
  for (const name of ['digits_calib_x.npy', 'digits_x.npy', 'digits_y.npy'])
    cpSync(join(fixtures, 'digits', name), join(folder, name));
  const settings = `quantize: { calibration: digits_calib_x.npy, ${quantize} }`;
  writeFileSync(join(folder, 'tinyml.yml'), `models:\n  - file: digits.tflite\n    ${settings}\n${rest}`);
  const [job] = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs;
  assert.ok(job !== undefined);
  return { folder, entry: job.model };
}

test('without a word activations are int8 and edges as the network computes', (t) => {
  const { entry } = project(t, 'samples: 16');
  assert.equal(entry.quantize?.edges, 'as-computed');
  assert.equal(entry.quantize.activations, undefined);
});

for (const [written, budget] of [
  ['0.5%', { unit: 'points', value: 0.5 }],
  ['40 dB', { unit: 'decibels', value: 40 }],
  ['0%', { unit: 'points', value: 0 }],
] as const)
  test(`max-loss: ${written} is read`, (t) => {
    const { entry } = project(t, `activations: mixed, max-loss: ${written}`);
    assert.deepEqual(entry.quantize?.maxLoss, budget);
  });

for (const [what, written, message] of [
  [
    'activations of an unknown type',
    'activations: int4',
    /quantize\.activations` must be one of int8, int16, mixed\./,
  ],
  ['a loss without a unit', "activations: mixed, max-loss: '40'", /"40" is no loss\./],
  ['a loss of more than all points', 'activations: mixed, max-loss: 101%', /"101%" is no loss\./],
  ['a number as loss', 'activations: mixed, max-loss: 1', /must be a loss such as `0\.5%` or `40 dB`/],
  ['a loss where nothing is chosen by it', 'max-loss: 1%', /`max-loss` belongs to `activations: mixed`\./],
  ['edges of an unknown type', 'edges: uint8', /quantize\.edges` must be one of int8, int16, float32\./],
] as const)
  test(`${what} is refused in one sentence`, (t) => {
    assert.throws(
      () => project(t, written),
      (error: Error) => {
        assert.match(error.message, message);
        return true;
      },
    );
  });

test('mixed precision takes the labels of the test data, and explain says which activations are int16 and why', async (t) => {
  const testData = '    test-data: { inputs: digits_x.npy, labels: digits_y.npy }\n';
  const { folder, entry } = project(t, 'activations: mixed', testData);
  const { quantization } = await loadExplained(folder, entry);
  assert.ok(quantization !== null && quantization.mixed !== null);
  assert.deepEqual(quantization.mixed.budget, { unit: 'points', value: 1 });
  assert.ok(quantization.mixed.labelled);
  const text = describeQuantization(quantization, false);
  assert.match(
    text,
    /Mixed precision: 1 of 9 activations in int16; loses 0\.\d\d points \(\d\d\.\d\d points in int8, budget 1\.00 points\) on 200 labelled test samples/,
  );
  assert.match(text, /CONV_2D +│ +-?\d\.\d/);
});
