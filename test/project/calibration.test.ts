import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadExplained, loadForSearch, loadModel } from '../../src/pipeline.ts';
import { loadProject } from '../../src/project/load.ts';
import { fixtures } from '../golden/golden.ts';

/** A float model in a project: what is asked for, and what is refused in one sentence. */

function npy(descr: string, shape: readonly number[], values: Float32Array | Int8Array): Buffer {
  const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const text = `${head.padEnd(128 - 10 - 1)}\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(text.length, 8);
  return Buffer.concat([
    start,
    Buffer.from(text),
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  ]);
}

function project(t: TestContext, quantize: string, data?: Buffer, more: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-calibration-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(fixtures, 'digits', 'digits_keras_float.tflite'), join(folder, 'digits.tflite'));
  cpSync(join(fixtures, 'digits', 'digits_calib_x.npy'), join(folder, 'calibration.npy'));
  for (const file of more) cpSync(join(fixtures, 'digits', file), join(folder, file));
  if (data !== undefined) writeFileSync(join(folder, 'other.npy'), data);
  writeFileSync(join(folder, 'tinyml.yml'), `models:\n  - file: digits.tflite\n${quantize}`);
  const loaded = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] });
  const [job] = loaded.jobs;
  assert.ok(job !== undefined);
  return { folder, entry: job.model };
}

const calibrated = '    quantize:\n      calibration: calibration.npy\n';
const other = '    quantize:\n      calibration: other.npy\n';

test('a float model with calibration data becomes an int8 graph whose cases the exact reference answers', async (t) => {
  const { folder, entry } = project(t, calibrated);
  const parts: number[] = [];
  const { graph, cases } = await loadModel({ folder }, entry, (part) => parts.push(part));
  assert.ok(graph.tensors.every(({ type }) => type === 'int8' || type === 'int32'));
  assert.ok(cases.length > 8 && cases.every(({ expected }) => expected.length === 10));
  assert.equal(parts.at(-1), 1);
});

test('a search gets the network that is deployed, where labels decide what mixed precision widens', async (t) => {
  const mixed = `${calibrated}      activations: mixed\n      max-loss: 0%\n`;
  const { folder, entry } = project(
    t,
    `${mixed}    test-data: { inputs: digits_x.npy, labels: digits_y.npy, samples: 2 }\n`,
    undefined,
    ['digits_x.npy', 'digits_y.npy'],
  );
  const deployed = await loadModel({ folder }, entry);
  assert.ok(deployed.graph.tensors.some(({ type }) => type === 'int16'));
  const searched = await loadForSearch({ folder }, entry);
  assert.deepEqual(searched.graph, deployed.graph);
  assert.equal(searched.cases.length, deployed.cases.length - 2);
});

test('explain is told what each layer costs', async (t) => {
  const { folder, entry } = project(t, `${calibrated}      samples: 16\n      range: mse\n`);
  const { quantization } = await loadExplained(folder, entry);
  assert.equal(quantization?.samples, 16);
  assert.equal(quantization.range, 'mse');
  assert.ok(quantization.layers.length > 5);
});

const refusals: readonly (readonly [string, string, Buffer | undefined, RegExp])[] = [
  [
    'no calibration data',
    '',
    undefined,
    /^digits\.tflite: This is a float model, and there is no data to quantize it with\. Give real inputs/,
  ],
  [
    'data of zero variance',
    other,
    npy('<f4', [4, 8, 8, 1], new Float32Array(4 * 64).fill(0.5)),
    /^other\.npy: Every value of the calibration data is 0\.5: it has no variance/,
  ],
  [
    'data of another shape',
    other,
    npy('<f4', [4, 9, 8, 1], new Float32Array(4 * 72)),
    /^other\.npy.*: The calibration data has the shape \[4, 9, 8, 1\] where the model takes \[N, 8, 8, 1\]/,
  ],
  [
    'integers, whose scale nobody said',
    other,
    npy('|i1', [4, 8, 8, 1], new Int8Array(4 * 64)),
    /^other\.npy: The calibration data has elements of type i1 where a float model takes floats/,
  ],
  [
    'a value that is no number',
    other,
    npy(
      '<f4',
      [2, 8, 8, 1],
      new Float32Array(128).map((_, at) => (at === 100 ? Number.NaN : at)),
    ),
    /^other\.npy: Sample 1 of the calibration data holds a value that is not a finite number/,
  ],
];

for (const [what, config, data, sentence] of refusals)
  test(`${what} is refused in one sentence`, async (t) => {
    const { folder, entry } = project(t, config, data);
    await assert.rejects(loadModel({ folder }, entry), (error: Error) => {
      assert.match(error.message, sentence);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  });
