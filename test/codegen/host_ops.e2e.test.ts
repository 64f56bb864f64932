import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { identifierOf } from '../../src/graph/name.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { fixtures } from '../golden/golden.ts';
import { runTogether } from './host_models.ts';

/** One core for each layout of the kernels. */
const layouts = ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'];

const folder = join(fixtures, 'ops');
const models = readdirSync(folder)
  .filter((file) => file.endsWith('.tflite'))
  .sort()
  .map((file) =>
    importTflite(readFileSync(join(folder, file)), { file, name: identifierOf(basename(file, '.tflite')) }),
  );

for (const target of layouts)
  test(`all single-operator models in one program for ${target}: bit-exact and clean under sanitizers`, async (t) => {
    const together = models.map((graph) => ({
      graph,
      samples: [
        ...[1, 2, 3].map((seed) => seededInputs(graph, seed)),
        ...cornerInputs(graph).map(({ inputs }) => inputs),
      ],
    }));
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries())
      await t.test(graph.source.file, () => {
        const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
        assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
      });
  });
