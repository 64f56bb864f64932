import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { runTogether } from './host_models.ts';
import { graphOf } from './one_operator.ts';
import { unusualOperators } from './unusual_operators.ts';

const variants = unusualOperators.map(graphOf);

for (const target of ['cortex-m0plus', 'cortex-m4', 'cortex-m55'])
  test(`operators with unusual shapes, options and scales for ${target}: bit-exact and clean under sanitizers`, async (t) => {
    const together = variants.map((graph) => ({
      graph,
      samples: [
        ...[1, 2, 3, 4, 5, 6].map((seed) => seededInputs(graph, seed)),
        ...cornerInputs(graph).map(({ inputs }) => inputs),
      ],
    }));
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries())
      await t.test(graph.name, () => {
        const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
        assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
      });
  });
