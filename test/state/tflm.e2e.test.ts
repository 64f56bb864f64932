import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixtures } from '../golden/golden.ts';
import { pythonWith } from '../oracle.ts';
import { interpretSequence, type Sequences, stateFiles, stateFolder, stateModel } from './sequences.ts';

/** A live comparison with TensorFlow Lite Micro over long sequences, on seeds that are in no file. */

const script = join(fixtures, '..', 'golden', 'make_sequences.py');
const seeds = Array.from({ length: 40 }, (_, index) => String(500 + index));

test('forty inferences without a reset equal TensorFlow Lite Micro live', async (t) => {
  const python = pythonWith(t, ['tflite_micro']);
  if (python === null) return;
  const files = stateFiles().map((name) => join(stateFolder, `${name}.tflite`));
  const output = execFileSync(python, [script, ...files, '--seeds', ...seeds], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const live = JSON.parse(output) as Sequences;
  for (const [name, record] of Object.entries(live.models))
    await t.test(`${name} with ${live.made_with}`, () => {
      assert.equal(record.refused, undefined);
      assert.equal(record.seeds.outputs.length, seeds.length);
      assert.deepEqual(interpretSequence(stateModel(name), record.seeds.labels), record.seeds.outputs);
    });
});
