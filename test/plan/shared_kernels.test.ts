import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { shareKernels } from '../../src/plan/shared_kernels.ts';
import { findTarget } from '../../src/targets/index.ts';
import { sharedModel, withShared } from '../shared.ts';

test('small layers of one shape share a kernel, hot ones keep their own', (t) => {
  if (!withShared(t)) return;
  const { layers } = makePlan(optimize(sharedModel('vww_96_int8')), findTarget('cortex-m4f'));
  const groups = shareKernels(layers);
  const shared = groups.flatMap(({ steps }) => steps);
  assert.equal(new Set(shared).size, shared.length, 'no layer is in two groups');
  assert.ok(groups.length >= 2 && groups.every(({ steps }) => steps.length >= 3));
  assert.ok(!shared.includes(0) && !shared.includes(6), 'the largest layers have code of their own');
  for (const { common, own, steps } of groups)
    for (const step of steps) {
      const parameters: Readonly<Record<string, unknown>> = {
        ...layers[step]?.call.parameters,
        reverse: layers[step]?.reverse ? 1 : 0,
      };
      assert.deepEqual(
        [...Object.keys(common), ...own].sort(),
        Object.keys(parameters).sort(),
        'every field is either common or in the table',
      );
      for (const [field, value] of Object.entries(common)) assert.equal(parameters[field], value);
    }
});

test('a network of a few large layers shares nothing', (t) => {
  if (!withShared(t)) return;
  const { layers } = makePlan(optimize(sharedModel('kws_ref_model')), findTarget('cortex-m4f'));
  assert.deepEqual(shareKernels(layers), []);
});
