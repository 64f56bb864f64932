import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { importTflite } from '../../src/import/tflite.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import type { TunedPlan } from '../../src/project/plan_file.ts';
import { findTarget } from '../../src/targets/index.ts';
import { planningOf } from '../../src/tune/planning.ts';

const file = 'digits_cnn.tflite';
const models = join(import.meta.dirname, '..', '..', 'examples', 'digits', 'models');
const graph = optimize(importTflite(readFileSync(join(models, file)), { file, name: 'digits_cnn' }));
const cost = { instructions: 2, cycles: 3, flash: 2, arena: 2 };
const tuned: TunedPlan = {
  model: { name: 'digits_cnn', sha256: graph.source.sha256 },
  target: 'cortex-m4',
  optimize: 'size',
  tool: '0.1.0',
  before: cost,
  after: cost,
  layers: [
    { operator: 0, own: true },
    { operator: 0, variant: 'from-a-later-version' },
  ],
};

describe('a plan that tune found', () => {
  it('holds for the model and the version that it was made for', () => {
    const { options, tuned: state } = planningOf(
      { optimize: 'size', preserveInput: false, tuned },
      graph,
      '0.1.0',
    );
    assert.equal(state, 'yes');
    assert.equal(options.own?.get(0), true);
  });
  it('is stale for another model, and for another version of the tool', () => {
    const other = { ...tuned, model: { name: 'digits_cnn', sha256: '0'.repeat(64) } };
    assert.deepEqual(planningOf({ optimize: 'size', preserveInput: false, tuned: other }, graph, '0.1.0'), {
      options: { optimize: 'size', preserveInput: false },
      tuned: 'stale',
    });
    assert.equal(
      planningOf({ optimize: 'size', preserveInput: false, tuned }, graph, '0.2.0').tuned,
      'stale',
    );
  });
  it('may name a variant that is not there: the setting chooses then', () => {
    const { options } = planningOf({ optimize: 'size', preserveInput: false, tuned }, graph, '0.1.0');
    const target = findTarget('cortex-m4');
    const variants = (plan: ReturnType<typeof makePlan>) => plan.layers.map(({ variant }) => variant);
    assert.deepEqual(
      variants(makePlan(graph, target, options)),
      variants(makePlan(graph, target, { optimize: 'size' })),
    );
  });
});
