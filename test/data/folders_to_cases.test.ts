import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModel } from '../../src/pipeline.ts';
import { loadProject } from '../../src/project/load.ts';
import { fixtures } from '../golden/golden.ts';
import { folderWith } from '../project/folder.ts';
import { png } from './files.ts';

/** The digits of the fixture's .npy, 0 to 16, as images of 0 to 240. */
const digits = readFileSync(join(fixtures, 'digits', 'digits_calib_x.npy'));

test('a folder of images gives the inputs that the array gives that the images are of', async (t) => {
  const header = 10 + digits.readUInt16LE(8);
  const values = new Float32Array(new Uint8Array(digits.subarray(header)).buffer);
  const count = 24;
  const images = Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const pixels = [...values.subarray(at * 64, (at + 1) * 64)].map((value) => Math.round(value * 240));
      return [
        `images/${at % 3}/${String(at).padStart(3, '0')}.png`,
        png(
          8,
          8,
          pixels.map((grey) => [grey, grey, grey]),
        ),
      ];
    }),
  );
  const folder = folderWith(t, {
    ...images,
    'tinyml.yml': `models:
  - file: digits.tflite
    preprocessing: { images: { scale: 1/240 } }
    quantize: { calibration: images }
    test-data: { inputs: images, samples: 24 }
`,
  });
  cpSync(join(fixtures, 'digits', 'digits_keras_float.tflite'), join(folder, 'digits.tflite'));
  const [job] = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs;
  assert.ok(job !== undefined);
  const { graph, cases } = await loadModel({ folder }, job.model);
  const input = graph.tensors[graph.inputs[0] ?? -1];
  const scale = input?.quantization?.scales[0] ?? 0;
  const zeroPoint = input?.quantization?.zeroPoints[0] ?? 0;
  // Calibrated on values from 0 to 1.
  assert.ok(Math.abs(scale - 1 / 255) < 1e-4, `${scale}`);
  const samples = cases.filter(({ sample }) => sample !== null);
  assert.equal(samples.length, count);
  // By class, then by name: the second sample is the fourth image.
  const second = new Int8Array(samples[1]?.input ?? []);
  const wanted = [...values.subarray(3 * 64, 4 * 64)].map((value) => Math.round(value / scale) + zeroPoint);
  assert.ok([...second].every((step, at) => Math.abs(step - (wanted[at] as number)) <= 1));
});
