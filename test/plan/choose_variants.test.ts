import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { optimize } from '../../src/optimize/optimize.ts';
import { allowanceOf, liveBytes } from '../../src/plan/allowance.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { mlperfTiny, sharedModel, withShared } from '../shared.ts';
import { branches } from './branches.ts';

const bytesOf = { int8: 1, uint8: 1, int16: 2, int32: 4, float32: 4 } as const;

function constantBytes(
  model: (typeof mlperfTiny)[number],
  target: string,
  setting: 'speed' | 'balanced',
): number {
  const plan = makePlan(optimize(sharedModel(model)), findTarget(target), { optimize: setting });
  return plan.layers
    .flatMap(({ call }) => call.constants)
    .reduce((sum, { type, values }) => sum + values.length * bytesOf[type], 0);
}

describe('speed', () => {
  it('spends flash up to what an interpreter needs for the model, and no more', (t) => {
    if (!withShared(t)) return;
    for (const model of mlperfTiny) {
      const allowance = allowanceOf(optimize(sharedModel(model)));
      const spent = constantBytes(model, 'cortex-m4f', 'speed');
      assert.ok(spent <= allowance.flash, `${model}: ${spent} of ${allowance.flash}`);
      assert.ok(spent >= constantBytes(model, 'cortex-m4f', 'balanced'), model);
    }
  });

  it('widens some layers of ResNet where it cannot widen all', (t) => {
    if (!withShared(t)) return;
    const { layers } = makePlan(optimize(sharedModel('pretrainedResnet_quant')), findTarget('cortex-m4f'), {
      optimize: 'speed',
    });
    const variants = new Set(layers.map(({ call }) => call.kernel));
    assert.ok(variants.has('conv_2d_wide_dsp') && variants.has('conv_2d_stacked_dsp'), [...variants].join());
  });

  it('counts a tensor as alive from its maker to its last reader', (t) => {
    if (!withShared(t)) return;
    // Two feature maps of 32 × 32 × 16 and the skip connection beside them.
    assert.equal(Math.max(...liveBytes(sharedModel('pretrainedResnet_quant'))), 3 * 32 * 32 * 16);
  });
});

describe('a variant that the layer does not have', () => {
  it('is passed over, whatever objects have by that name, and so is one of an operator that is not there', () => {
    const graph = branches();
    const target = findTarget('cortex-m4');
    const textOf = (variants: ReadonlyMap<number, string>): string =>
      JSON.stringify(
        makePlan(graph, target, { variants }).layers.map(({ call, variant }) => [call, variant]),
      );
    const usual = textOf(new Map());
    for (const name of ['constructor', '__proto__', 'toString', 'winograd2', '../wide', 'wide;'])
      assert.equal(textOf(new Map(graph.operators.map(({ index }) => [index, name]))), usual, name);
    assert.equal(textOf(new Map([[99_999, 'wide']])), usual);
    assert.notEqual(textOf(new Map(graph.operators.map(({ index }) => [index, 'wide']))), usual);
  });
});
