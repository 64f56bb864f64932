import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { mlperfTiny, sharedModel, withShared } from '../shared.ts';
import { runOnHost } from './host.ts';
import { runTogether } from './host_models.ts';

const models = [
  ...mlperfTiny,
  'hello_world_int8',
  'micro_speech_quantized',
  'digits/digits_keras_int8',
  'digits/digits_keras_int8_pt',
];

/** One core for each layout of the kernels. */
const layouts = ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'];

for (const model of models)
  for (const target of layouts)
    test(`${model} for ${target} is bit-exact and clean under sanitizers on the host`, async (t) => {
      if (!withShared(t)) return;
      const graph = sharedModel(model);
      const samples = [
        ...[1, 2, 3].map((seed) => seededInputs(graph, seed)),
        ...cornerInputs(graph).map(({ inputs }) => inputs),
      ];
      const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
      assert.deepEqual(Buffer.from(await runOnHost(graph, target, samples)), expected);
    });

for (const model of mlperfTiny)
  for (const target of layouts)
    test(`${model} for ${target}: code for size and code for speed compute the same`, async (t) => {
      if (!withShared(t)) return;
      const graph = sharedModel(model);
      const samples = [seededInputs(graph, 1), ...cornerInputs(graph).map(({ inputs }) => inputs)];
      const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
      const settings = (['size', 'speed'] as const).map((setting) => ({
        graph: { ...graph, name: setting },
        samples,
        options: { optimize: setting },
      }));
      for (const outputs of await runTogether(settings, target))
        assert.deepEqual(Buffer.from(outputs), expected);
    });
