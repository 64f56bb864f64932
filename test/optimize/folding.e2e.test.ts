import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importTflite } from '../../src/import/tflite.ts';
import { optimizeSettings } from '../../src/operators/setting.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { type HostModel, runTogether } from '../codegen/host_models.ts';
import { paddedNetwork } from './padded_network.ts';

const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  for (const fuse of [0, Number.POSITIVE_INFINITY])
    test(`kernels for ${target} pad what a PAD did${fuse === 0 ? '' : ', fused,'} bit-exact and clean under sanitizers, seeds from ${firstSeed}`, async () => {
      const models: HostModel[] = Array.from({ length: 9 }, (_, index) => {
        const name = `padded_${firstSeed + index}`;
        const graph = importTflite(paddedNetwork(firstSeed + index), { file: `${name}.tflite`, name });
        const samples = [
          ...[1, 2].map((seed) => seededInputs(graph, seed)),
          ...cornerInputs(graph).map(({ inputs }) => inputs),
        ];
        const optimize = optimizeSettings[index % optimizeSettings.length] ?? 'balanced';
        return { graph, samples, options: { optimize, fuse } };
      });
      const outputs = await runTogether(models, target);
      for (const [index, { graph, samples }] of models.entries()) {
        const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
        assert.deepEqual(Buffer.from(outputs[index] as Uint8Array), expected, graph.name);
      }
    });
