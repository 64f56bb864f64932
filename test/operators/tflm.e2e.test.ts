import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { isFloat } from '../../src/graph/float.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { differences, fixtures, type Golden } from '../golden/golden.ts';
import { pythonWith } from '../oracle.ts';
import { shared } from '../shared.ts';

/** A live comparison with TensorFlow Lite Micro, on seeds that are in no file. */

const script = join(import.meta.dirname, '..', 'golden', 'make_vectors.py');
const seeds = ['11', '12', '13'];

function modelFiles(): string[] {
  const folders = [
    join(fixtures, 'ops'),
    join(fixtures, 'digits'),
    join(fixtures, 'variants'),
    join(fixtures, 'int16x8'),
    ...(existsSync(shared) ? [join(shared, 'models')] : []),
  ];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.tflite'))
      .sort()
      .map((name) => join(folder, name)),
  );
}

/** TensorFlow Lite Micro has no int8 kernel for them; test/operators/single_operator.test.ts holds them otherwise. */
const withoutTflm = ['ops/exp.tflite', 'ops/gelu.tflite', 'ops/sqrt.tflite'];

/** null for a model that we refuse, or compute in float32, which no two programs round alike. */
function imported(file: string) {
  try {
    const graph = importTflite(readFileSync(file), { file, name: 'model' });
    checkOperators(graph);
    return isFloat(graph) ? null : graph;
  } catch (error) {
    if (error instanceof DeployError) return null;
    throw error;
  }
}

test('our interpreter equals TensorFlow Lite Micro live, layer by layer, on fresh seeds', async (t) => {
  const python = pythonWith(t, ['tflite_micro']);
  if (python === null) return;
  const accepted = modelFiles().flatMap((file) => {
    const graph = imported(file);
    return graph === null ? [] : [{ file, graph }];
  });
  assert.ok(accepted.length >= 146, `${accepted.length} models`);
  const output = execFileSync(
    python,
    [script, '--corners', '--seeds', ...seeds, '--', ...accepted.map(({ file }) => file)],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const golden = JSON.parse(output) as Golden;
  for (const { file, graph } of accepted) {
    const key = `${basename(dirname(file))}/${basename(file)}`;
    await t.test(`${key} with ${golden.made_with}`, () => {
      if (withoutTflm.includes(key)) return assert.ok(golden.models[key]?.refused);
      const vectors = golden.models[key]?.vectors ?? [];
      assert.equal(vectors.length, seeds.length + 3, golden.models[key]?.refused);
      assert.deepEqual(
        vectors.flatMap((vector) => differences(graph, vector)),
        [],
      );
    });
  }
});
