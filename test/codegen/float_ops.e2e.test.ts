import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Forms } from '../../src/operators/float32/index.ts';
import { hybridForms } from '../../src/operators/hybrid/index.ts';
import { makeCases, unpack } from '../../src/verify/cases.ts';
import { verify } from '../../src/verify/verify.ts';
import { floatOperatorsAlone } from './float_ops.ts';
import { runTogether } from './host_models.ts';
import { graphOf } from './one_operator.ts';

const graphs = floatOperatorsAlone.map(graphOf);

test('every operator that has a form in float32 or hybrid is among them', () => {
  const covered = new Set(floatOperatorsAlone.map(({ kind }) => kind));
  for (const kind of [...float32Forms.keys(), ...hybridForms.keys()]) assert.ok(covered.has(kind), kind);
});

for (const target of ['cortex-m0plus', 'cortex-m4f'])
  test(`operators in float32 for ${target}: within the bound of the reference, and clean under sanitizers`, async (t) => {
    const together = graphs.map((graph) => {
      const cases = makeCases(graph, []);
      return { graph, cases, samples: cases.map(({ input }) => unpack(graph, input)) };
    });
    const outputs = await runTogether(together, target);
    for (const [position, { graph, cases }] of together.entries())
      await t.test(graph.name, () => {
        const bytes = outputs[position] ?? new Uint8Array();
        const size = bytes.length / cases.length;
        const given = cases.map((_, at) => bytes.subarray(at * size, (at + 1) * size));
        const { mismatch, float32 } = verify(graph, cases, given);
        assert.equal(mismatch, null);
        assert.ok(float32 !== undefined && float32.ulp <= float32.bound);
      });
  });
