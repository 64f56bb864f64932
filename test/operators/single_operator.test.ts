import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { operators } from '../../src/operators/index.ts';
import {
  differences,
  fixtureModel,
  fixtures,
  type GoldenVector,
  readGolden,
  sha256,
} from '../golden/golden.ts';

/**
 * The models that we refuse, and what we say. This list may only shrink. The first three are not run by
 * TensorFlow Lite Micro either; the others compute in float32 between DEQUANTIZE and QUANTIZE.
 */
const refused: Readonly<Record<string, string>> = {
  'exp.tflite': 'operator EXP #4: this operator is not supported.',
  'gelu.tflite': 'operator GELU #0: this operator is not supported.',
  'sqrt.tflite': 'operator SQRT #1: this operator is not supported.',
  'elu.tflite': 'operator ELU #1: this operator is not supported.',
  'square.tflite': 'operator SQUARE #1: this operator is not supported.',
};

const golden = readGolden();
const files = readdirSync(join(fixtures, 'ops'))
  .filter((name) => name.endsWith('.tflite'))
  .sort();

test('there are 70 single-operator models and all but five run', () => {
  assert.equal(files.length, 70);
  assert.equal(Object.keys(refused).length, 5);
});

for (const file of files) {
  const record = golden.models[`ops/${file}`];
  const sentence = refused[file];
  if (sentence !== undefined) {
    test(`${file} is refused: ${sentence}`, () => {
      assert.throws(
        () => fixtureModel(`ops/${file}`),
        (error) => {
          assert.ok(error instanceof DeployError && error.kind === 'input');
          const [operator = ''] = sentence.split(' #');
          assert.ok(error.message.startsWith(`ops/${file}, ${sentence} Supported: `), error.message);
          assert.ok(!operators.has(operator.replace('operator ', '')));
          return true;
        },
      );
    });
    continue;
  }
  test(`${file} is bit-exact with TensorFlow Lite Micro, layer by layer`, () => {
    assert.equal(sha256(readFileSync(join(fixtures, 'ops', file))), record?.sha256);
    const vectors = record?.vectors ?? [];
    assert.equal(vectors.length, 6, 'three seeds and three corners');
    const graph = fixtureModel(`ops/${file}`);
    assert.deepEqual(
      vectors.flatMap((vector: GoldenVector) => differences(graph, vector)),
      [],
    );
  });
}
