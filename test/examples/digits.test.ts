import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importTflite } from '../../src/import/tflite.ts';
import { loadProject } from '../../src/project/load.ts';
import { openTestData } from '../../src/project/testdata.ts';
import { targets } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';

const folder = fileURLToPath(new URL('../../examples/digits', import.meta.url));

describe('examples/digits', () => {
  const project = loadProject({ folder, knownTargets: [...targets.keys()], knownToolchains: [] });
  const models = [...new Map(project.jobs.map(({ model }) => [model.name, model])).values()];

  test('deploys two models on three targets', () => {
    assert.deepEqual(
      project.jobs.map(({ model, target }) => `${model.name}@${target}`),
      ['digits_cnn', 'digits_mlp'].flatMap((name) =>
        ['cortex-m0plus', 'cortex-m4f', 'stm32l4r5'].map((target) => `${name}@${target}`),
      ),
    );
  });

  for (const model of models)
    test(`${model.name} is as accurate as its README says TensorFlow Lite Micro found it`, () => {
      const { name, file, testData } = model;
      assert.ok(testData !== null);
      const bytes = readFileSync(join(folder, file));
      const graph = importTflite(bytes, { name, file });
      const set = openTestData(folder, testData, graph);
      const samples = Array.from({ length: set.count }, (_, index) => set.inputs(index));
      const correct = samples.filter(
        (inputs, index) => highest(interpret(graph, inputs).outputs[0]) === set.labels?.values[index],
      );
      set.close();
      const [accuracy, size] = claimed(name);
      assert.equal((correct.length / samples.length).toFixed(3), accuracy);
      assert.equal(`${bytes.length.toLocaleString('en-US')} B`, size);
    });
});

/** Position of the largest int8; the first of equals. */
function highest(output: Uint8Array | undefined): number {
  const scores = new Int8Array(output ?? []);
  return scores.indexOf(Math.max(...scores));
}

/** Accuracy in int8 and size of the file, from the table in the README. */
function claimed(name: string): readonly [string | undefined, string | undefined] {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const line = readme.split('\n').find((text) => text.startsWith(`| \`${name}\``)) ?? '';
  const cells = line.split('|').map((cell) => cell.trim());
  return [cells.at(-2), cells.at(-4)];
}
