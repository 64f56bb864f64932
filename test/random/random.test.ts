import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../src/codegen/generate.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { defaultSetting, optimizeSettings } from '../../src/operators/setting.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { kernelTexts } from '../codegen/host.ts';
import { replay } from '../plan/replay.ts';
import { randomNetwork } from './network.ts';

/** Drawn anew on every run; TINYML_SEED repeats one. */
export const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);

const networks = Array.from({ length: 60 }, (_, index) => firstSeed + index);

test(`rewrites keep every output bit of random networks, seeds from ${firstSeed}`, () => {
  let rewritten = 0;
  for (const seed of networks) {
    const graph = importTflite(randomNetwork(seed), { file: `random-${seed}.tflite`, name: 'random' });
    const optimized = optimize(graph);
    if (optimized !== graph) rewritten += 1;
    for (const inputs of [seededInputs(graph, seed), ...cornerInputs(graph).map((corner) => corner.inputs)])
      assert.deepEqual(
        interpret(optimized, inputs).outputs,
        interpret(graph, inputs).outputs,
        `seed ${seed}`,
      );
  }
  assert.ok(rewritten > 5, `${rewritten} networks had something to remove`);
});

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  for (const fuse of [undefined, Number.POSITIVE_INFINITY])
    test(`plans of random networks for ${target}${fuse === undefined ? '' : ', fused whatever it costs,'} overwrite nothing that is still read, and become C, seeds from ${firstSeed}`, async () => {
      const kernels = await kernelTexts();
      let fused = 0;
      for (const seed of networks) {
        const graph = importTflite(randomNetwork(seed), { file: `random-${seed}.tflite`, name: 'random' });
        for (const setting of fuse === undefined ? optimizeSettings : [defaultSetting]) {
          const options = { optimize: setting, ...(fuse === undefined ? {} : { fuse }) };
          const plan = makePlan(optimize(graph), findTarget(target), options);
          assert.doesNotThrow(() => replay(plan), `seed ${seed} for ${setting}`);
          assert.doesNotThrow(() => generate(plan, kernels), `seed ${seed} for ${setting}`);
          if (plan.layers.some((layer) => layer.fused !== null)) fused += 1;
        }
      }
      if (fuse !== undefined) assert.ok(fused > 5, `${fused} networks have fused layers`);
    });
