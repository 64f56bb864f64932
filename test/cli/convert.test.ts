import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fakeUv } from '../import/fake_uv.ts';
import { fixtureBytes } from '../import/float_models.ts';
import { folderWith } from '../project/folder.ts';
import { call } from './terminal.ts';

/** What TensorFlow would have written. */
const tflite = Buffer.from(fixtureBytes('digits/digits_keras_float.tflite')).toString('base64');

test('a Keras model and a SavedModel go all the way to C, converted once and shown', async (t) => {
  const fake = fakeUv(t, { python: `fs.writeFileSync(args[4], Buffer.from('${tflite}', 'base64'));` });
  const folder = folderWith(t, {
    'net.h5': 'model_config',
    'nets/saved/saved_model.pb': 'graph',
    'calibration.npy': fixtureBytes('digits/digits_calib_x.npy'),
    'tinyml.yml': `models:
  - { file: net.h5, quantize: { calibration: calibration.npy } }
  - { file: nets/saved, quantize: { calibration: calibration.npy } }
`,
  });
  const terminal = { environment: { PATH: fake.path, XDG_CACHE_HOME: dirname(fake.cacheFolder) } };
  const build = () => call(folder, ['build', '--out', 'c'], terminal);
  const first = await build();
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(first.stderr, /Converting: installing TensorFlow, once\n[\s\S]*Converting: TensorFlow\n/);
  for (const name of ['net', 'saved'])
    assert.match(
      readFileSync(`${folder}/c/${name}/cortex-m4/library/${name}.c`, 'utf8'),
      new RegExp(`void ${name}_invoke`),
    );
  const { length } = fake.calls();
  assert.equal(length, 4, 'uv twice, and Python for each model');
  const second = await build();
  assert.equal(second.stderr, '');
  assert.equal(fake.calls().length, length, 'what was converted is kept');
});

test('build shows on a terminal how far the quantization is, and nowhere else', async (t) => {
  const folder = folderWith(t, {
    'net.tflite': fixtureBytes('digits/digits_keras_float.tflite'),
    'calibration.npy': fixtureBytes('digits/digits_calib_x.npy'),
    'tinyml.yml':
      'models:\n  - { file: net.tflite, quantize: { calibration: calibration.npy, samples: 16 } }\n',
  });
  const shown = await call(folder, ['build', '--out', 'c'], { isTTY: true });
  assert.equal(shown.exitCode, 0, shown.stderr);
  assert.match(shown.stderr, /% quantizing/);
  assert.equal((await call(folder, ['build', '--out', 'c'])).stderr, '');
});

test('init lists a SavedModel by its folder', async (t) => {
  const folder = folderWith(t, { 'nets/saved/saved_model.pb': 'graph', 'nets/other.keras': '' });
  assert.equal((await call(folder, ['init'])).exitCode, 0);
  const written = readFileSync(`${folder}/tinyml.yml`, 'utf8');
  assert.match(written, /models:\n {2}- file: nets\/other\.keras\n {2}- file: nets\/saved\n\n/);
});
