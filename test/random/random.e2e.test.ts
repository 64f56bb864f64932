import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importTflite } from '../../src/import/tflite.ts';
import { optimizeSettings } from '../../src/operators/setting.ts';
import type { PlanOptions } from '../../src/plan/make_plan.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { type HostModel, runTogether } from '../codegen/host_models.ts';
import { randomNetwork } from './network.ts';

const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);
const count = 10;

/** As the setting has it, and with every group of layers that lowers the peak run as one. */
const fusions: readonly PlanOptions[] = [{}, { fuse: Number.POSITIVE_INFINITY }];

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  for (const options of fusions)
    test(`random networks for ${target}${options.fuse === undefined ? '' : ', fused,'} are bit-exact and clean under sanitizers, seeds from ${firstSeed}`, async () => {
      const models: HostModel[] = Array.from({ length: count }, (_, index) => {
        const name = `random_${firstSeed + index}`;
        const graph = importTflite(randomNetwork(firstSeed + index), { file: `${name}.tflite`, name });
        const samples = [
          ...[1, 2, 3].map((seed) => seededInputs(graph, seed)),
          ...cornerInputs(graph).map(({ inputs }) => inputs),
        ];
        // Each setting has its own kernels and its own way to share them.
        const optimize = optimizeSettings[index % optimizeSettings.length] ?? 'balanced';
        return { graph, samples, options: { optimize } };
      });
      const outputs = await runTogether(models, target, options);
      for (const [index, { graph, samples }] of models.entries()) {
        const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
        assert.deepEqual(Buffer.from(outputs[index] as Uint8Array), expected, graph.name);
      }
    });
