import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OptimizeSetting } from '../../src/operators/setting.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan, type PlanOptions } from '../../src/plan/make_plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { parametersOf } from '../../src/plan/shared_kernels.ts';
import { findTarget } from '../../src/targets/index.ts';
import { sharedModel, withShared } from '../shared.ts';

function planOf(model: string, options: PlanOptions = {}): Plan {
  return makePlan(optimize(sharedModel(model)), findTarget('cortex-m4f'), { fuse: 0, ...options });
}

/** How many compiled copies of kernels a plan has. */
function copies({ layers, shared }: Plan): number {
  return layers.length - shared.flatMap(({ steps }) => steps).length + shared.length;
}

test('small layers of one shape share a kernel, hot ones keep their own', (t) => {
  if (!withShared(t)) return;
  const { layers, shared: groups } = planOf('vww_96_int8');
  const shared = groups.flatMap(({ steps }) => steps);
  assert.equal(new Set(shared).size, shared.length, 'no layer is in two groups');
  assert.ok(groups.length >= 2 && groups.every(({ steps }) => steps.length >= 3));
  assert.ok(!shared.includes(0) && !shared.includes(6), 'the largest layers have code of their own');
  for (const { common, own, steps } of groups)
    for (const step of steps) {
      const layer = layers[step];
      assert.ok(layer !== undefined);
      const parameters = parametersOf(layer);
      assert.deepEqual(
        [...Object.keys(common), ...own.map(({ field }) => field)].sort(),
        Object.keys(parameters).sort(),
        'every field is either common or in the table',
      );
      for (const [field, value] of Object.entries(common)) assert.deepEqual(parameters[field], value);
      for (const { field, factor, bytes } of own) {
        const value = Number(parameters[field]) / factor;
        assert.ok(Number.isInteger(value) && Math.abs(value) < 2 ** (8 * bytes - 1), field);
      }
    }
});

test('layers that differ in their tensors alone always share', (t) => {
  if (!withShared(t)) return;
  for (const setting of ['balanced', 'size', 'speed'] as const) {
    const { shared } = planOf('kws_ref_model', { optimize: setting });
    assert.deepEqual(
      shared.map(({ kernel, steps }) => [kernel, steps.length]),
      setting === 'speed'
        ? [
            ['depthwise_conv_2d_planes_dsp', 4],
            ['conv_2d_wide_dsp', 4],
          ]
        : [
            ['depthwise_conv_2d_dsp', 4],
            // One of the four walks backwards, so that its output may lie above its input.
            [setting === 'size' ? 'conv_2d_dsp' : 'conv_2d_stacked_dsp', setting === 'size' ? 4 : 3],
          ],
    );
  }
});

test('the smaller the code is to be, the fewer copies there are', (t) => {
  if (!withShared(t)) return;
  for (const model of ['vww_96_int8', 'pretrainedResnet_quant', 'ad01_int8']) {
    const [size = 0, balanced = 0, speed = 0] = (['size', 'balanced', 'speed'] as OptimizeSetting[]).map(
      (setting) => copies(planOf(model, { optimize: setting })),
    );
    assert.ok(size < balanced && balanced <= speed, `${model}: ${size}, ${balanced}, ${speed}`);
  }
});

test('code for size has one copy of a convolution where balanced code may have two', (t) => {
  if (!withShared(t)) return;
  const graph = optimize(sharedModel('pretrainedResnet_quant'));
  const target = findTarget('cortex-m0plus');
  const convolutions = (setting: OptimizeSetting): number =>
    makePlan(graph, target, { optimize: setting }).shared.filter(({ kernel }) => kernel.startsWith('conv_2d'))
      .length;
  assert.equal(convolutions('size'), 1, 'filters of 3x3 and of 1x1, ties or not');
  assert.equal(convolutions('balanced'), 2);
});

test('what a plan file says of a layer goes before the setting', (t) => {
  if (!withShared(t)) return;
  const { layers, shared } = planOf('vww_96_int8');
  const [, group] = shared;
  const [step = -1] = group?.steps ?? [];
  const index = layers[step]?.node.operator.index ?? -1;
  const apart = planOf('vww_96_int8', { own: new Map([[index, true]]) });
  assert.ok(!apart.shared.some(({ steps }) => steps.includes(step)));
  const hot = layers[6]?.node.operator.index ?? -1;
  const together = planOf('vww_96_int8', { own: new Map([[hot, false]]) });
  assert.ok(together.shared.some(({ steps }) => steps.includes(6)));
});
