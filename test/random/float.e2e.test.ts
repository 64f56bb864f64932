import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { realTensor } from '../../src/graph/real_tensor.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { optimizeSettings } from '../../src/operators/setting.ts';
import { makeCases, unpack } from '../../src/verify/cases.ts';
import { verify } from '../../src/verify/verify.ts';
import { runTogether } from '../codegen/host_models.ts';
import { randomNetwork } from './network.ts';

/** Drawn anew on every run; TINYML_SEED repeats one. */
const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);
const count = 10;

/** The numbers that an int8 network stands for; every other one keeps its weights as integers. */
function floatNetwork(seed: number): Graph {
  const name = `float_${seed}`;
  const graph = importTflite(randomNetwork(seed), { file: `${name}.tflite`, name });
  const kept = new Set(seed % 2 === 0 ? [] : graph.operators.map(({ inputs }) => inputs[1] ?? -1));
  return {
    ...graph,
    tensors: graph.tensors.map((tensor) =>
      kept.has(tensor.index) && tensor.data !== null ? tensor : realTensor(tensor),
    ),
  };
}

for (const target of ['cortex-m0plus', 'cortex-m4f', 'cortex-m55'])
  test(`random networks in float32 for ${target} are within their bound and clean under sanitizers, seeds from ${firstSeed}`, async () => {
    const models = Array.from({ length: count }, (_, index) => {
      const graph = floatNetwork(firstSeed + index);
      checkOperators(graph);
      const cases = makeCases(graph, []);
      const optimize = optimizeSettings[index % optimizeSettings.length] ?? 'balanced';
      const options = { optimize, fuse: index % 3 === 0 ? Number.POSITIVE_INFINITY : 0 };
      return { graph, cases, options, samples: cases.map(({ input }) => unpack(graph, input)) };
    });
    const outputs = await runTogether(models, target);
    for (const [index, { graph, cases }] of models.entries()) {
      const bytes = outputs[index] ?? new Uint8Array();
      const size = bytes.length / cases.length;
      const given = cases.map((_, at) => bytes.subarray(at * size, (at + 1) * size));
      const { mismatch, float32 } = verify(graph, cases, given);
      assert.equal(mismatch, null, graph.name);
      assert.ok(float32 !== undefined, graph.name);
    }
  });
