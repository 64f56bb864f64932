import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identifierOf } from '../../src/graph/name.ts';

for (const [file, name] of [
  ['models/Keyword Spotting.tflite', 'keyword_spotting'],
  ['a/b\\c/kws_ref_model.tflite', 'kws_ref_model'],
  ['person-detect.v2.tflite', 'person_detect_v2'],
  ['it\'s "quoted".tflite', 'it_s_quoted'],
  ['two\nlines\r\n\u2028.tflite', 'two_lines'],
  ['2fast.tflite', 'model_2fast'],
  ['int.tflite', 'model_int'],
  ['Class.tflite', 'model_class'],
  ['string.tflite', 'model_string'],
  ['main.tflite', 'model_main'],
  ['__leading__.tflite', 'leading'],
  ['naïve café.tflite', 'naive_cafe'],
  ['模型.tflite', 'model'],
  ['.tflite', 'model'],
  ['', 'model'],
  ['../../..', 'model'],
  ['; rm -rf ~.tflite', 'rm_rf'],
  ['int', 'model_int'],
] as const) {
  test(`${JSON.stringify(file)} becomes ${name}`, () => assert.equal(identifierOf(file), name));
}

test('10,000 characters become 48, whatever they are', () => {
  assert.equal(identifierOf(`${'a'.repeat(10_000)}.tflite`), 'a'.repeat(48));
  assert.equal(identifierOf(`${'9'.repeat(10_000)}.tflite`), `model_${'9'.repeat(42)}`);
  assert.equal(identifierOf(`${'é'.repeat(10_000)}.tflite`), 'e'.repeat(48));
  assert.equal(identifierOf(`${'a_'.repeat(5_000)}.tflite`), 'a_'.repeat(24).replace(/_$/, ''));
  assert.equal(identifierOf(' '.repeat(10_000)), 'model');
});

test('every name is a C identifier that nobody has reserved', () => {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
  for (let round = 0; round < 5_000; round++) {
    const text = String.fromCharCode(
      ...Array.from({ length: next() % 80 }, () => next() % (round % 2 ? 128 : 65536)),
    );
    const name = identifierOf(`${text}.tflite`);
    assert.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, JSON.stringify(text));
    assert.ok(name.length <= 48);
  }
});
