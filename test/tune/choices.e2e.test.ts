import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importTflite } from '../../src/import/tflite.ts';
import { optimizeSettings } from '../../src/operators/setting.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { knobsOf } from '../../src/tune/knobs.ts';
import { choicesOf } from '../../src/tune/planning.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { type HostModel, runTogether } from '../codegen/host_models.ts';
import { randomNetwork } from '../random/network.ts';

const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);
const count = 9;

test('Helium reads a single row where it lies, so nothing may be written there before its last channel', async () => {
  const name = 'single_rows';
  const graph = importTflite(randomNetwork(2002), { file: `${name}.tflite`, name });
  const samples = [1, 2].map((input) => seededInputs(graph, input));
  const [outputs] = await runTogether([{ graph, samples, options: { optimize: 'size' } }], 'cortex-m55');
  const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
  assert.deepEqual(Buffer.from(outputs ?? []), expected);
});

/** Whatever tune may try computes the same: each layer of random networks is given any of its alternatives. */
for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  test(`any choice of kernels for ${target} is bit-exact and clean under sanitizers, seeds from ${firstSeed}`, async () => {
    const taken = new Set<string>();
    const models: HostModel[] = Array.from({ length: count }, (_, index) => {
      const seed = firstSeed + index;
      const name = `chosen_${seed}`;
      const graph = importTflite(randomNetwork(seed), { file: `${name}.tflite`, name });
      const setting = optimizeSettings[index % optimizeSettings.length] ?? 'balanced';
      const plan = makePlan(optimize(graph), findTarget(target), { optimize: setting });
      const layers = knobsOf(plan).map(({ operator, alternatives }, at) => {
        const choice = alternatives[(seed + at) % alternatives.length] ?? {};
        taken.add(JSON.stringify(choice));
        return { operator, ...choice };
      });
      const samples = [1, 2].map((input) => seededInputs(graph, input));
      return {
        graph,
        samples: [...samples, ...cornerInputs(graph).map(({ inputs }) => inputs)],
        options: { optimize: setting, ...choicesOf(layers) },
      };
    });
    assert.ok(taken.size >= 1);
    const outputs = await runTogether(models, target);
    for (const [index, { graph, samples }] of models.entries()) {
      const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
      assert.deepEqual(Buffer.from(outputs[index] as Uint8Array), expected, graph.name);
    }
  });
