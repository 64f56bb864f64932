import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { loadProject } from '../../src/project/load.ts';
import { planFileName, planFileText, readPlanFile, type TunedPlan } from '../../src/project/plan_file.ts';
import { folderWith } from './folder.ts';

const cost = { instructions: 100, cycles: null, flash: 10, arena: 5 };
const plan: TunedPlan = {
  model: { name: 'kws', sha256: 'ab'.repeat(32) },
  target: 'cortex-m4',
  optimize: 'speed',
  tool: '0.1.0',
  before: cost,
  after: { ...cost, instructions: 90 },
  layers: [
    { operator: 0, variant: 'wide' },
    { operator: 3, own: true },
  ],
};

describe('the plan file', () => {
  it('gives back what was written, in one order whatever the order of the search', (t) => {
    const other = { ...plan, target: 'cortex-m0' };
    const text = planFileText([other], [plan]);
    assert.equal(text, planFileText([plan], [other]));
    assert.deepEqual(readPlanFile(folderWith(t, { [planFileName]: text })), [other, plan]);
  });

  it('replaces an earlier plan for the same model, target and setting', () => {
    const newer = { ...plan, model: { ...plan.model, sha256: 'cd'.repeat(32) } };
    assert.deepEqual(JSON.parse(planFileText([plan], [newer])).plans, [newer]);
  });

  it('need not be there', (t) => {
    assert.deepEqual(readPlanFile(folderWith(t, {})), []);
  });

  it('gives each job its plan', (t) => {
    const folder = folderWith(t, {
      'kws.tflite': '',
      'tinyml.yml': 'targets: [cortex-m4, cortex-m0]\noptimize: speed\n',
      [planFileName]: planFileText([], [plan]),
    });
    const known = { folder, knownTargets: ['cortex-m4', 'cortex-m0'], knownToolchains: [] };
    const tuned = (request = {}) => loadProject({ ...known, ...request }).jobs.map((job) => job.tuned);
    assert.deepEqual(tuned(), [plan, null]);
    assert.deepEqual(tuned({ optimize: 'size' }), [null, null]);
    assert.deepEqual(tuned({ ignorePlans: true }), [null, null]);
  });
});

describe('a file that is not ours is refused, in one sentence that names the field', () => {
  const refused = (t: TestContext, content: string, pattern: RegExp) =>
    assert.throws(
      () => readPlanFile(folderWith(t, { [planFileName]: content })),
      (error) => {
        assert.ok(error instanceof DeployError && error.kind === 'input');
        assert.match(error.message, pattern);
        assert.ok(!error.message.includes('\n') && error.message.length < 600);
        return true;
      },
    );
  const written = (change: object) => JSON.stringify({ schemaVersion: 1, plans: [{ ...plan, ...change }] });
  const cases: readonly (readonly [what: string, content: string, pattern: RegExp])[] = [
    ['no JSON', 'plans:', /tinyml\.plan\.json: The file is not JSON/],
    ['another version', '{"schemaVersion": 2, "plans": []}', /schema version 2; this tinyml-deploy reads 1/],
    ['no plans', '{"schemaVersion": 1}', /`plans` is wrong/],
    ['a setting that does not exist', written({ optimize: 'fast' }), /`plans\.0\.optimize` is wrong/],
    ['a key too many', written({ run: 'rm -rf /' }), /`plans\.0` is wrong/],
    [
      'a variant that is no word',
      written({ layers: [{ operator: 0, variant: '"\n#include "/etc/passwd"' }] }),
      /`plans\.0\.layers\.0\.variant` is wrong/,
    ],
    ...['', '../../etc', 'wide;system("x")', 'wide\u0000', 'x'.repeat(65), 'wide\u202e'].map(
      (variant) =>
        [
          `the variant ${JSON.stringify(variant).slice(0, 24)}`,
          written({ layers: [{ operator: 0, variant }] }),
          /`plans\.0\.layers\.0\.variant` is wrong/,
        ] as const,
    ),
    [
      'an operator before the first',
      written({ layers: [{ operator: -1 }] }),
      /`plans\.0\.layers\.0\.operator` is wrong/,
    ],
    ['too much', ' '.repeat(5 * 1024 * 1024), /larger than 4 MiB/],
  ];
  for (const [what, content, pattern] of cases) it(what, (t) => refused(t, content, pattern));

  it('a link that leads out of the project', (t) => {
    const outside = folderWith(t, {});
    writeFileSync(join(outside, 'plan.json'), planFileText([], [plan]));
    const folder = folderWith(t, {});
    symlinkSync(join(outside, 'plan.json'), join(folder, planFileName));
    assert.throws(() => readPlanFile(folder), /is a link that leads out of the project/);
  });
});
