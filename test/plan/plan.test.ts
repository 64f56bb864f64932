import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importTflite } from '../../src/import/tflite.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { lowerBound, type Overlap, placeBuffers } from '../../src/plan/arena.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { inputSurvives } from '../../src/plan/survival.ts';
import { findTarget } from '../../src/targets/index.ts';
import { sharedModel, withShared } from '../shared.ts';
import { replay } from './replay.ts';

/** Arena bytes on Cortex-M4: a regression is noticed here, an improvement is written down. */
const arenas: Readonly<Record<string, number>> = {
  kws_ref_model: 7_408,
  vww_96_int8: 27_888,
  pretrainedResnet_quant: 18_336,
  ad01_int8: 768,
};

for (const [model, bytes] of Object.entries(arenas))
  test(`nothing in ${model} is read after it is overwritten, in ${bytes} bytes`, (t) => {
    if (!withShared(t)) return;
    const plan = makePlan(optimize(sharedModel(model)), findTarget('cortex-m4'));
    assert.equal(plan.arenaBytes, bytes);
    replay(plan);
  });

test('the replay notices a byte too few', (t) => {
  if (!withShared(t)) return;
  const plan = makePlan(optimize(sharedModel('kws_ref_model')), findTarget('cortex-m4'), { fuse: 0 });
  const walked = plan.layers.find(({ call }) => call.kernel.startsWith('depthwise_conv_2d'));
  const output = walked?.node.operator.outputs[0] ?? -1;
  const shift = walked?.reverse ? -64 : 64;
  const damaged: Plan = {
    ...plan,
    arenaBytes: plan.arenaBytes + 64,
    offsets: new Map(plan.offsets).set(output, (plan.offsets.get(output) ?? 0) + shift),
  };
  assert.throws(() => replay(damaged), /reads byte \d+ of tensor/);
});

test('an input that is to be preserved is still there after an inference, and costs its bytes', (t) => {
  if (!withShared(t)) return;
  for (const model of Object.keys(arenas)) {
    const graph = optimize(sharedModel(model));
    const target = findTarget('cortex-m4');
    const [input = -1] = graph.inputs;
    const [plan, preserving] = [makePlan(graph, target), makePlan(graph, target, { preserveInput: true })];
    assert.equal(inputSurvives(plan, input), false, model);
    assert.equal(inputSurvives(preserving, input), true, model);
    assert.ok(preserving.arenaBytes > plan.arenaBytes, `${model}: ${preserving.arenaBytes}`);
    replay(preserving);
  }
});

test('every single-operator model replays', () => {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'ops');
  let replayed = 0;
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.tflite'))) {
    let plan: Plan;
    try {
      plan = makePlan(
        optimize(importTflite(readFileSync(join(folder, file)), { file, name: 'model' })),
        findTarget('cortex-m3'),
      );
    } catch {
      continue; // refused: other tests hold the list
    }
    assert.doesNotThrow(() => replay(plan), file);
    replayed += 1;
  }
  assert.ok(replayed > 40, `${replayed} models`);
});

test('random buffers never share a byte while both live', () => {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 60; round += 1) {
    const lifetimes = Array.from({ length: 3 + random(9) }, (_, index) => {
      const firstStep = random(10);
      return { label: String(index), bytes: 1 + random(400), firstStep, lastStep: firstStep + random(4) };
    });
    const { offsets, bytes } = placeBuffers(lifetimes, 16);
    assert.ok(bytes >= lowerBound(lifetimes, 16));
    for (const [i, a] of lifetimes.entries())
      for (const [j, b] of lifetimes.entries()) {
        if (i >= j || a.firstStep > b.lastStep || b.firstStep > a.lastStep) continue;
        const [from, other] = [offsets[i] as number, offsets[j] as number];
        assert.ok(from + a.bytes <= other || other + b.bytes <= from, `round ${round}: ${i} and ${j}`);
      }
  }
});

test('an output lies over its dying input at the distance that its kernel allows', () => {
  const lifetimes = [
    { label: 'in', bytes: 1000, firstStep: -1, lastStep: 0 },
    { label: 'out', bytes: 1000, firstStep: 0, lastStep: 1 },
  ];
  const overlap: Overlap = { input: 0, output: 1, forwards: 100, backwards: null };
  const { offsets, bytes } = placeBuffers(lifetimes, 16, [overlap]);
  assert.equal(bytes, 1120);
  assert.equal((offsets[0] as number) - (offsets[1] as number), 112);
});
