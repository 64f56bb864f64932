import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { fixtureModel, fixtures, sha256 } from '../golden/golden.ts';
import { type BuiltModel, buildModel, int32Bytes } from '../import/build_model.ts';
import { type LitertGolden, outputDifferences } from './litert_golden.ts';
import { uint8Models } from './uint8_models.ts';

/** Models of TensorFlow 1, in uint8, against LiteRT's reference kernels. */

const golden = JSON.parse(readFileSync(join(fixtures, 'uint8_golden.json'), 'utf8')) as LitertGolden;

test('the models are what write_uint8_models.ts writes', () => {
  assert.deepEqual(
    readdirSync(join(fixtures, 'uint8')).sort(),
    Object.keys(uint8Models)
      .map((name) => `${name}.tflite`)
      .sort(),
  );
  for (const [name, model] of Object.entries(uint8Models))
    assert.equal(
      sha256(readFileSync(join(fixtures, 'uint8', `${name}.tflite`))),
      sha256(buildModel(model)),
      name,
    );
});

for (const name of Object.keys(uint8Models)) {
  const key = `uint8/${name}.tflite`;
  test(`${name} is bit-exact with LiteRT's reference kernels`, () => {
    const record = golden.models[key];
    assert.equal(
      record?.sha256,
      sha256(readFileSync(join(fixtures, key))),
      'make_litert_vectors.py has to run again',
    );
    assert.equal(record?.vectors.length, 6, 'three seeds and three corners');
    assert.deepEqual(outputDifferences(fixtureModel(key), record?.vectors ?? []), []);
  });
}

test('the edges stay uint8, with the scale and zero point of the file', () => {
  const graph = fixtureModel('uint8/network.tflite');
  const edges = [...graph.inputs, ...graph.outputs].map((index) => graph.tensors[index]);
  assert.deepEqual(
    edges.map((tensor) => [tensor?.name, tensor?.type, tensor?.quantization?.zeroPoints]),
    [
      ['t0', 'uint8', [128]],
      ['t16', 'uint8', [0]],
    ],
  );
});

test('weights that fit int8 around their zero point become int8, others stay uint8', () => {
  const typeOf = (name: string) => {
    const graph = fixtureModel(`uint8/${name}.tflite`);
    const conv = graph.operators.find(({ kind }) => kind.endsWith('CONV_2D'));
    return graph.tensors[conv?.inputs[1] ?? -1]?.type;
  };
  assert.equal(typeOf('conv_within_int8'), 'int8');
  assert.equal(typeOf('conv_beyond_int8'), 'uint8');
  assert.equal(typeOf('dwconv_beyond_int8'), 'uint8');
});

test('an operator whose uint8 arithmetic is another is refused by one sentence', () => {
  const shape = [1, 4, 4, 2];
  const uint8 = (of: readonly number[]) => ({ shape: of, type: 3, scales: [0.5], zeroPoints: [3] });
  const model: BuiltModel = {
    tensors: [uint8(shape), { shape: [2], type: 2, data: int32Bytes([8, 8]) }, uint8([1, 8, 8, 2])],
    operators: [{ code: 23, inputs: [0, 1], outputs: [2], options: { type: 15, fields: [] } }],
    inputs: [0],
    outputs: [2],
  };
  assert.throws(
    () => importTflite(buildModel(model), { file: 'old.tflite', name: 'old' }),
    (error) => {
      assert.ok(error instanceof DeployError && error.kind === 'input');
      assert.equal(
        error.message,
        'old.tflite, operator RESIZE_BILINEAR #0: this operator is not supported in uint8. Convert again with int8 as inference type; uint8 models come from TensorFlow 1.',
      );
      return true;
    },
  );
});
