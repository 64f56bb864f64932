import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isModelName, modelName } from '../../src/project/names.ts';

describe('modelName', () => {
  it('makes a C prefix of a file name', () => {
    assert.equal(modelName('models/kws_ref_model.tflite'), 'kws_ref_model');
    assert.equal(modelName('models/My Model (v2).int8.tflite'), 'my_model_v2_int8');
    assert.equal(modelName('Größe.tflite'), 'gro_e');
    assert.equal(modelName('3d.tflite'), 'model_3d');
  });
  it('makes a good name of any hostile one', () => {
    for (const file of [
      'int.tflite',
      '.tflite',
      '"; rm -rf $HOME.tflite',
      'a\nb.tflite',
      '\u202egnp.tflite',
      '模型.tflite',
      '__proto__.tflite',
      'tinyml_x.tflite',
      `${'x'.repeat(10_000)}.tflite`,
      `${'_'.repeat(10_000)}.tflite`,
    ])
      assert.ok(isModelName(modelName(file)), `${file.slice(0, 40)} -> ${modelName(file)}`);
  });
});

describe('isModelName', () => {
  it('refuses keywords, capitals, our own prefix and long names', () => {
    for (const name of [
      'int',
      'class',
      'Kws',
      'a b',
      'a"',
      '',
      '1a',
      '_a',
      'tinyml_a',
      'x'.repeat(49),
      'a\n',
    ])
      assert.ok(!isModelName(name), name);
  });
});
