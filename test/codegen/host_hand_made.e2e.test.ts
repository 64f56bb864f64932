import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { fixtureModel } from '../golden/golden.ts';
import { variants } from '../operators/variants.ts';
import { runTogether } from './host_models.ts';

/** The hand-made models of test/fixtures/variants, whose golden vectors the reference meets, as C. */

const models = Object.keys(variants).map((name) => ({ ...fixtureModel(`variants/${name}.tflite`), name }));

for (const target of ['cortex-m0plus', 'cortex-m55'])
  test(`all hand-made models of one operator in one program for ${target}: bit-exact and clean under sanitizers`, async (t) => {
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
