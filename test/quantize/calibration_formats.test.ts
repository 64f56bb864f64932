import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModel } from '../../src/pipeline.ts';
import { loadProject } from '../../src/project/load.ts';
import { floats, npz, png, wav } from '../data/files.ts';
import { fixtures } from '../golden/golden.ts';
import { folderWith } from '../project/folder.ts';
import { rows } from './score.ts';

/** 24 digits, 64 values each, 0 to 16 sixteenths: every way to write them holds exactly the same numbers. */
const samples = rows(fixtures, 'digits/digits_calib_x.npy').slice(0, 24);
const all = samples.flatMap((values) => [...values]);
const folderOf = (extension: string, write: (values: Float32Array) => Uint8Array) =>
  Object.fromEntries(
    samples.map((values, at) => [`data/${String(at).padStart(3, '0')}.${extension}`, write(values)] as const),
  );
const image = (values: Float32Array) =>
  png(
    8,
    8,
    [...values].map((value) => [value * 16, value * 16, value * 16] as const),
  );
const recording = (values: Float32Array) =>
  wav(new Uint8Array(Int16Array.from(values, (value) => value * 16384).buffer));

const ways: Readonly<
  Record<string, { files: Record<string, string | Uint8Array>; at: string; preprocessing?: string }>
> = {
  '.npy': { files: { 'data.npy': floats([24, 8, 8, 1], (at) => all[at] ?? 0) }, at: 'data.npy' },
  '.npz': {
    files: { 'data.npz': npz({ input_0: floats([24, 8, 8, 1], (at) => all[at] ?? 0) }, 6) },
    at: 'data.npz',
  },
  '.csv': {
    files: { 'data.csv': samples.map((values) => `${values.join(',')}\n`).join('') },
    at: 'data.csv',
  },
  'a folder of images': {
    files: folderOf('png', image),
    at: 'data',
    preprocessing: 'images: { scale: 1/16, size: [8, 8] }',
  },
  'a folder of recordings': {
    files: folderOf('wav', recording),
    at: 'data',
    preprocessing: 'audio: { scale: 2, rate: 16000 }',
  },
};

test('the same calibration samples give the same integers from each kind of file', async (t) => {
  const made = [];
  for (const [way, { files, at, preprocessing }] of Object.entries(ways)) {
    const settings = preprocessing === undefined ? '' : `    preprocessing: { ${preprocessing} }\n`;
    const folder = folderWith(t, {
      ...files,
      'tinyml.yml': `models:\n  - file: digits.tflite\n${settings}    quantize: { calibration: ${at} }\n`,
    });
    cpSync(join(fixtures, 'digits', 'digits_keras_float.tflite'), join(folder, 'digits.tflite'));
    const [job] = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs;
    assert.ok(job !== undefined);
    made.push({ way, graph: (await loadModel({ folder }, job.model)).graph });
  }
  const [first] = made;
  assert.equal(made.length, 5);
  for (const { way, graph } of made) assert.deepEqual(graph, first?.graph, way);
});
