import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { loadProject } from '../../src/project/load.ts';
import { folderWith } from './folder.ts';

function load(t: TestContext, accuracy: string, budgets = '{}', testData = 'test-data: { inputs: x.npy },') {
  const folder = folderWith(t, {
    'a.tflite': '',
    'x.npy': '',
    'tinyml.yml': `models:\n  - { file: a.tflite, ${testData} budgets: ${budgets},\n      accuracy: ${accuracy} }\n`,
  });
  return loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs[0];
}

const settings = (t: TestContext, accuracy: string) => load(t, accuracy)?.model.accuracy;

function refused(
  t: TestContext,
  what: RegExp,
  ...given: [accuracy: string, budgets?: string, testData?: string]
) {
  assert.throws(
    () => load(t, ...given),
    (error) => {
      assert.ok(error instanceof DeployError && error.kind === 'input', String(error));
      assert.match(error.message, what);
      return true;
    },
  );
}

describe('accuracy in tinyml.yml', () => {
  it('names a metric', (t) => {
    const metric = (accuracy: string) => settings(t, accuracy)?.metric;
    assert.deepEqual(metric('{ metric: top-1 }'), { kind: 'top', k: 1 });
    assert.deepEqual(metric('{ metric: top-10 }'), { kind: 'top', k: 10 });
    assert.deepEqual(metric('{ metric: f1 }'), { kind: 'f1', positive: null });
    assert.deepEqual(metric('{ metric: f1, positive: 2 }'), { kind: 'f1', positive: 2 });
    assert.deepEqual(metric('{ metric: auc }'), { kind: 'auc' });
    assert.deepEqual(metric('{ metric: mae }'), { kind: 'mae' });
    assert.deepEqual(metric('{ metric: mse }'), { kind: 'mse' });
  });
  it('or the user’s own program', (t) => {
    assert.deepEqual(settings(t, '{ script: score.py }')?.metric, {
      kind: 'script',
      command: ['score.py'],
      timeLimitSeconds: 300,
    });
    assert.deepEqual(settings(t, '{ script: [python3, tools/score.py, --iou], time-limit: 2 min }')?.metric, {
      kind: 'script',
      command: ['python3', 'tools/score.py', '--iou'],
      timeLimitSeconds: 120,
    });
  });
  it('leaves the rest to the labels', (t) => {
    assert.deepEqual(settings(t, '{}'), { metric: null, samples: null, tolerance: 0 });
    assert.deepEqual(settings(t, '{ samples: 1000, tolerance: 0.5 }'), {
      metric: null,
      samples: 1000,
      tolerance: 0.5,
    });
  });
  it('is refused where it contradicts itself, with its place', (t) => {
    refused(t, /^tinyml\.yml:3:27: "top-0" is no metric\. Known: top-1, /, '{ metric: top-0 }');
    refused(t, /"accuracy" is no metric/, '{ metric: accuracy }');
    refused(t, /There are both `metric` and `script`\./, '{ metric: f1, script: a.py }');
    refused(t, /`positive` belongs to `metric: f1`/, '{ metric: auc, positive: 1 }');
    refused(t, /`time-limit` belongs to `script`/, '{ metric: auc, time-limit: 5 s }');
    refused(t, /Unknown key "metrics"\. Did you mean "metric"\?/, '{ metrics: auc }');
    refused(t, /^tinyml\.yml:3:\d+: There is no test data to score\. /, '{ metric: auc }', '{}', '');
  });
});

describe('budgets on answers', () => {
  const budgets = (t: TestContext, text: string) =>
    load(t, '{}', text)?.budgets.map(({ metric, bound, amount }) => `${metric} ${bound} ${amount}`);

  it('are read in the units of their metric', (t) => {
    assert.deepEqual(budgets(t, '{ accuracy: { limit: 95%, change: -0.5% } }'), [
      'accuracy limit 95',
      'accuracy change -0.5',
    ]);
    assert.deepEqual(budgets(t, '{ error: 0.05 }'), ['error limit 0.05']);
    assert.deepEqual(budgets(t, '{ error: { limit: 1e-3, change: +0.01, percent: +5% } }'), [
      'error limit 0.001',
      'error change 0.01',
      'error percent 5',
    ]);
    assert.deepEqual(budgets(t, '{ score: { limit: -3, change: -0.1 } }'), [
      'score limit -3',
      'score change -0.1',
    ]);
    assert.deepEqual(budgets(t, '{ changed-answers: 5 }'), ['changed-answers limit 5']);
    assert.deepEqual(budgets(t, '{ changed-answers: { limit: 0, share: 2% } }'), [
      'changed-answers limit 0',
      'changed-answers share 2',
    ]);
  });
  it('are refused in others', (t) => {
    refused(
      t,
      /"5%" is not understood\. Write a number such as `\+0\.01`\./,
      '{}',
      '{ error: { change: 5% } }',
    );
    refused(
      t,
      /"-0\.1" is not understood\. Write a number such as `\+0\.01`\./,
      '{}',
      '{ error: { change: "-0.1" } }',
    );
    refused(
      t,
      /"0\.1" is not understood\. Write a number such as `-0\.01`\./,
      '{}',
      '{ score: { change: 0.1 } }',
    );
    refused(t, /must be a number of samples such as `5`/, '{}', '{ changed-answers: 1.5 }');
    refused(t, /"2" is not understood\. Write a percentage/, '{}', '{ changed-answers: { share: "2" } }');
  });
});
