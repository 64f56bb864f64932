import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { dealJobs } from '../../src/matrix/groups.ts';
import {
  makePlan,
  type PlannedWork,
  parsePlan,
  renderMatrix,
  renderPlan,
  requireSameWork,
} from '../../src/matrix/plan.ts';

const job = (name: string, target: string) => ({ model: { name }, target });
const work: PlannedWork = {
  toolVersion: '1.0.0',
  headCommit: 'a'.repeat(40),
  configFile: 'tinyml.yml',
  groups: dealJobs([job('kws', 'm0'), job('kws', 'm4'), job('vww', 'm4')], 2),
  base: { kind: 'commit', commit: 'b'.repeat(40), how: 'the merge commit’s first parent' },
};

describe('the plan', () => {
  it('is the matrix of a job, and a text for the others', () => {
    assert.deepEqual(JSON.parse(renderMatrix(work.groups)), {
      include: [
        { group: '1', name: 'kws on m0' },
        { group: '2', name: 'kws on m4; vww on m4' },
      ],
    });
    const text = renderPlan(makePlan(work));
    assert.deepEqual(parsePlan(text), makePlan(work));
    requireSameWork(parsePlan(text), work);
  });

  it('stays short, whatever the number of jobs: the runner passes it in a variable', () => {
    const many = Array.from({ length: 6000 }, (_, index) => job(`model_${index}`, 'cortex-m4'));
    assert.ok(renderPlan(makePlan({ ...work, groups: dealJobs(many, 256) })).length < 1000);
  });

  for (const [what, other] of Object.entries<Partial<PlannedWork>>({
    'another commit': { headCommit: 'c'.repeat(40) },
    'another version': { toolVersion: '1.0.1' },
    'another configuration': { configFile: 'other.yml' },
    'another base': { base: { kind: 'none', why: 'x' } },
    'other jobs': { groups: dealJobs([job('kws', 'm0'), job('kws', 'm4'), job('vww', 'm7')], 2) },
    'other groups': { groups: dealJobs([job('kws', 'm0'), job('kws', 'm4'), job('vww', 'm4')], 3) },
  }))
    it(`is refused by a job that sees ${what}`, () => {
      assert.throws(() => requireSameWork(makePlan(work), { ...work, ...other }), DeployError);
    });

  it('is refused in one sentence where it is no plan', () => {
    const changed = JSON.stringify({
      ...makePlan(work),
      base: { kind: 'commit', commit: '--upload-pack=x', how: '' },
    });
    for (const text of ['', '{', '[]', '{"schemaVersion":2}', changed])
      assert.throws(() => parsePlan(text), /^DeployError: The input `plan` is/);
  });
});
