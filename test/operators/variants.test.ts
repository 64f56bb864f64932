import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { operators } from '../../src/operators/index.ts';
import { operatorsBeyondTflm } from '../codegen/beyond_tflm.ts';
import { floatOperatorsAlone } from '../codegen/float_ops.ts';
import { differences, fixtureModel, fixtures, readGolden, sha256 } from '../golden/golden.ts';
import { buildModel } from '../import/build_model.ts';
import { stateFiles, stateModel } from '../state/sequences.ts';
import { variants } from './variants.ts';

const golden = readGolden();

test('the files of variants are what write_variants.ts writes', () => {
  const files = readdirSync(join(fixtures, 'variants')).sort();
  assert.deepEqual(
    files,
    Object.keys(variants)
      .map((name) => `${name}.tflite`)
      .sort(),
  );
  for (const [name, model] of Object.entries(variants)) {
    const file = readFileSync(join(fixtures, 'variants', `${name}.tflite`));
    assert.equal(sha256(file), sha256(buildModel(model)), name);
  }
});

for (const name of Object.keys(variants)) {
  const key = `variants/${name}.tflite`;
  test(`${name} is bit-exact with TensorFlow Lite Micro`, () => {
    const { sha256: ofFile, vectors = [] } = golden.models[key] ?? { sha256: '' };
    assert.equal(sha256(readFileSync(join(fixtures, key))), ofFile, 'make_vectors.py has to run again');
    assert.equal(vectors.length, 6, 'three seeds and three corners');
    const graph = fixtureModel(key);
    assert.deepEqual(
      vectors.flatMap((vector) => differences(graph, vector)),
      [],
    );
  });
}

test('every operator of the table runs in some golden model', () => {
  const covered = new Set([
    ...Object.values(golden.models).flatMap(({ vectors }) => vectors?.[0]?.layers.map(({ op }) => op) ?? []),
    // What TensorFlow Lite Micro has in float32 alone runs on the host.
    ...floatOperatorsAlone.map(({ kind }) => kind),
    // So does what it has not at all.
    ...operatorsBeyondTflm.map(({ kind }) => kind),
    // Those that keep state run in golden sequences.
    ...stateFiles().flatMap((name) => stateModel(name).operators.map(({ kind }) => kind)),
  ]);
  assert.deepEqual(
    [...operators.values()]
      .filter(({ kind, code }) => code >= 0 && !covered.has(kind))
      .map(({ kind }) => kind),
    [],
  );
});
