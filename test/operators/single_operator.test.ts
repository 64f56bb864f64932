import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import {
  differences,
  fixtureModel,
  fixtures,
  type GoldenVector,
  readGolden,
  sha256,
} from '../golden/golden.ts';

/**
 * TensorFlow Lite Micro runs all but these. EXP and GELU are LiteRT's reference kernels bit for bit: digests of the output for
 * seeds 1 to 3. Its SQRT is up to one step below the nearest number, which is ours.
 */
const withoutTflm: Readonly<Record<string, readonly string[] | null>> = {
  'exp.tflite': [
    '3a21b37dad3bad6d2950181a655c02d17934dd6c99d4c75dafa028ebedf1d49f',
    '46cfe13913f240f4b703f12dbf075b57fc9099bc4e21c11a1e1e8743c13f64dd',
    '6771945ca533dd3ff9b6c84650ae44eea27d9dc38520c3f504f4032a33ae9e6d',
  ],
  'gelu.tflite': [
    '1039b52b370233fa2aa7a08bea313fe218b0d69e06d7325d3285907ab8928f8e',
    '5756ef67c66f33758ab0f37d913ddcc136fb0c8364105a3882b82066999e4f71',
    'fceee5e7fc081496d051cef3142170c672509be40ff60222e7e4fb11ef16d5f7',
  ],
  'sqrt.tflite': null,
};

const golden = readGolden();
const files = readdirSync(join(fixtures, 'ops'))
  .filter((name) => name.endsWith('.tflite'))
  .sort();

test('there are 70 single-operator models', () => {
  assert.equal(files.length, 70);
});

for (const file of files) {
  const record = golden.models[`ops/${file}`];
  const litert = withoutTflm[file];
  if (litert !== undefined) {
    test(`${file} is ${litert === null ? 'read' : 'bit-exact with LiteRT'}`, () => {
      const graph = fixtureModel(`ops/${file}`);
      const digests = [1, 2, 3].map((seed) =>
        sha256(interpret(graph, seededInputs(graph, seed)).outputs[0] as Uint8Array),
      );
      if (litert !== null) assert.deepEqual(digests, litert);
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
