import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { runTogether } from '../codegen/host_models.ts';
import { batchedConvolution, dilatedOnes } from './batched_convolution.ts';

const graphs = Object.entries(dilatedOnes)
  .filter(([, { float = false }]) => !float)
  .map(([name, given]) => ({ ...batchedConvolution(given), name: name.toLowerCase().replaceAll(' ', '_') }));

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  test(`convolutions of batches run dilated for ${target}: bit-exact with the batches, and clean under sanitizers`, async () => {
    const together = graphs.map((graph) => ({
      graph,
      samples: [
        ...[1, 2, 3].map((seed) => seededInputs(graph, seed)),
        ...cornerInputs(graph).map(({ inputs }) => inputs),
      ],
    }));
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries()) {
      const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
      assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected), graph.name);
    }
  });
