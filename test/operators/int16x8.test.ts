import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { int16Kinds } from '../../src/operators/int16x8/index.ts';
import { differences, fixtureModel, fixtures, type Golden, sha256 } from '../golden/golden.ts';
import { buildModel } from '../import/build_model.ts';
import { int16x8Variants } from './int16x8_variants.ts';

/** Models with int16 activations and int8 weights against TensorFlow Lite Micro, layer by layer. */

const folder = join(fixtures, 'int16x8');
const golden = JSON.parse(readFileSync(join(fixtures, 'int16x8_golden.json'), 'utf8')) as Golden;
const files = readdirSync(folder).sort();

test('the built models are what write_int16x8_variants.ts writes', () => {
  for (const [name, model] of Object.entries(int16x8Variants)) {
    const file = readFileSync(join(folder, `built_${name}.tflite`));
    assert.equal(sha256(file), sha256(buildModel(model)), name);
  }
  const built = files.filter((file) => file.startsWith('built_'));
  assert.equal(built.length, Object.keys(int16x8Variants).length);
});

for (const file of files)
  test(`${file} is bit-exact with TensorFlow Lite Micro, layer by layer`, () => {
    const record = golden.models[`int16x8/${file}`];
    assert.equal(
      sha256(readFileSync(join(folder, file))),
      record?.sha256,
      'make_vectors.py has to run again',
    );
    const vectors = record?.vectors ?? [];
    assert.equal(vectors.length, 6, 'three seeds and three corners');
    const graph = fixtureModel(`int16x8/${file}`);
    assert.deepEqual(
      vectors.flatMap((vector) => differences(graph, vector)),
      [],
    );
  });

/**
 * TensorFlow Lite Micro does not run these on int16, or not rightly: the scales that it compares int16 with are left unset.
 * They run on the host.
 */
const notInTflm = [
  'BATCH_TO_SPACE_ND',
  'DEPTH_TO_SPACE',
  'EQUAL',
  'GATHER',
  'GATHER_ND',
  'GREATER',
  'GREATER_EQUAL',
  'LESS',
  'LESS_EQUAL',
  'MIRROR_PAD',
  'NOT_EQUAL',
  'SELECT',
  'SPACE_TO_BATCH_ND',
  'SPACE_TO_DEPTH',
  'TILE',
];

test('every operator that a quantizer may give int16 runs in some golden model', () => {
  const covered = new Set(
    Object.values(golden.models).flatMap(({ vectors }) => vectors?.[0]?.layers.map(({ op }) => op) ?? []),
  );
  assert.deepEqual([...int16Kinds].filter((kind) => !covered.has(kind)).sort(), notInTflm.toSorted());
});
