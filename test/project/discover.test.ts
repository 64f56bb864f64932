import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { discoverModels } from '../../src/project/discover.ts';
import { modelName } from '../../src/project/names.ts';
import { modelPath } from '../../src/project/saved_model.ts';
import { folderWith } from './folder.ts';

describe('discoverModels', () => {
  it('finds every .tflite, sorted, with paths from the folder', (t) => {
    const folder = folderWith(t, { 'b.tflite': '', 'models/deep/a.TFLITE': '', 'models/readme.md': '' });
    assert.deepEqual(discoverModels(folder), ['b.tflite', 'models/deep/a.TFLITE']);
  });
  it('refuses a folder that is none', (t) => {
    const folder = folderWith(t, { 'a-file': '' });
    for (const name of ['missing', 'a-file'])
      assert.throws(() => discoverModels(join(folder, name)), /There is no such folder\. Check the path/);
  });
  it('leaves out hidden, installed and generated folders', (t) => {
    const folder = folderWith(t, {
      'a.tflite': '',
      '.git/b.tflite': '',
      '.hidden/c.tflite': '',
      'node_modules/p/d.tflite': '',
      'env/pyvenv.cfg': '',
      'env/lib/e.tflite': '',
      'tinyml-out/f.tflite': '',
    });
    assert.deepEqual(discoverModels(folder), ['a.tflite']);
  });
  it('obeys .gitignore, the deeper one first', (t) => {
    const folder = folderWith(t, {
      '.gitignore': 'build/\n*.tflite\n!good.tflite\n',
      'good.tflite': '',
      'bad.tflite': '',
      'build/good.tflite': '',
      'sub/.gitignore': '!kept.tflite\n',
      'sub/kept.tflite': '',
    });
    assert.deepEqual(discoverModels(folder), ['good.tflite', 'sub/kept.tflite']);
  });
  it('follows no link out of the folder, and no link to a model that it has', (t) => {
    const outside = folderWith(t, { 'secret.tflite': '' });
    const folder = folderWith(t, { 'a.tflite': '', '.store/b.tflite': '' });
    symlinkSync(join(outside, 'secret.tflite'), join(folder, 'out.tflite'));
    symlinkSync(outside, join(folder, 'outside'));
    symlinkSync(folder, join(folder, 'loop'));
    symlinkSync('a.tflite', join(folder, 'again.tflite'));
    symlinkSync('.store/b.tflite', join(folder, 'b.tflite'));
    symlinkSync('nowhere', join(folder, 'broken.tflite'));
    assert.deepEqual(discoverModels(folder), ['a.tflite', 'b.tflite']);
  });
  it('finds .onnx and .pt2 where there is no .tflite', (t) => {
    const folder = folderWith(t, { 'b.onnx': '', 'a.PT2': '', 'weights.pt': '' });
    assert.deepEqual(discoverModels(folder), ['a.PT2', 'b.onnx']);
    const deployed = folderWith(t, { 'a.onnx': '', 'a.tflite': '' });
    assert.deepEqual(discoverModels(deployed), ['a.tflite']);
  });
  it('finds what TensorFlow converts where there is nothing that needs no conversion', (t) => {
    const files = {
      'net.keras': '',
      'net.h5': 'model_config',
      'old.h5': `${'x'.repeat(1024 * 1024 - 6)}model_config`,
      'data.h5': 'HDF5 data',
      'net.weights.h5': 'layers',
      'saved/saved_model.pb': '',
      'saved/variables/variables.index': '',
      'frozen.pb': '',
    };
    const folder = folderWith(t, files);
    assert.deepEqual(discoverModels(folder), ['net.keras', 'old.h5', 'saved/saved_model.pb']);
    assert.deepEqual(discoverModels(folderWith(t, { ...files, 'net.onnx': '' })), ['net.onnx']);
  });
});

describe('a SavedModel', () => {
  it('is written as its folder, known by its graph, and named after the folder', (t) => {
    const folder = folderWith(t, { 'models/net/saved_model.pb': '', 'models/other.tflite': '' });
    for (const written of ['models/net', 'models/net/'])
      assert.equal(modelPath(folder, written), 'models/net/saved_model.pb');
    for (const written of ['models', 'models/other.tflite', 'models/net/saved_model.pb', 'nothing'])
      assert.equal(modelPath(folder, written), written);
    assert.equal(modelName('models/net/saved_model.pb'), 'net');
    assert.equal(modelName('saved_model.pb'), 'saved_model');
  });
});
