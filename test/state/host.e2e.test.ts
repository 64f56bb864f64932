import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOnHost } from '../codegen/host.ts';
import { stimulusOf } from '../golden/golden.ts';
import { readSequences, stateModel } from './sequences.ts';

/** One core without the DSP extension and one with it: all others take one of these kernels. */
const layouts = ['cortex-m3', 'cortex-m4'];
const golden = readSequences();

for (const [name, { seeds, corners }] of Object.entries(golden.models))
  for (const target of layouts)
    test(`${name} for ${target} on the host: inference after inference bit-exact, clean under sanitizers`, async () => {
      const graph = stateModel(name);
      for (const { labels, outputs } of [seeds, corners]) {
        const samples = labels.map((label) => stimulusOf(graph, label));
        const sequence = await runOnHost(graph, target, samples, { sequence: true });
        assert.equal(Buffer.from(sequence).toString('hex'), outputs.join(''));
      }
      const first = stimulusOf(graph, 'seed 1');
      const twice = await runOnHost(graph, target, [first, first]);
      assert.equal(Buffer.from(twice).toString('hex'), `${seeds.outputs[0]}${seeds.outputs[0]}`, 'a reset');
    });
