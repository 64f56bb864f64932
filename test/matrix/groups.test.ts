import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  baseJobs,
  countGroups,
  dealJobs,
  groupName,
  jobsPerGroup,
  mostGroups,
} from '../../src/matrix/groups.ts';

const jobs = (...names: string[]) =>
  names.map((name) => {
    const [model = '', target = ''] = name.split('@');
    return { model: { name: model }, target };
  });
const names = (some: ReturnType<typeof jobs>) => some.map(({ model, target }) => `${model.name}@${target}`);

describe('the number of groups', () => {
  it('is one for every 24 jobs, and never above what a matrix takes', () => {
    assert.equal(countGroups(1, null), 1);
    assert.equal(countGroups(jobsPerGroup, null), 1);
    assert.equal(countGroups(jobsPerGroup + 1, null), 2);
    assert.equal(countGroups(100_000, null), mostGroups);
  });
  it('is the one wished for, as far as there are jobs', () => {
    assert.equal(countGroups(12, 3), 3);
    assert.equal(countGroups(2, 3), 2);
    assert.equal(countGroups(1000, 1000), mostGroups);
  });
});

describe('dealing jobs', () => {
  it('gives each to one group, neighbours together, sizes alike', () => {
    for (const [length, count] of [
      [12, 12],
      [12, 5],
      [7, 3],
      [1, 1],
      [600, 256],
    ] as const) {
      const all = jobs(...Array.from({ length }, (_, index) => `m${index}@t`));
      const groups = dealJobs(all, count);
      assert.deepEqual(
        groups.map(({ id }) => id),
        Array.from({ length: count }, (_, index) => String(index + 1)),
      );
      assert.deepEqual(
        groups.flatMap((group) => names([...group.jobs])),
        names(all),
      );
      const sizes = groups.map((group) => group.jobs.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.join());
    }
  });

  it('gives each job of the base to one group: to that which measures it now, else in turn', () => {
    const groups = dealJobs(jobs('a@m0', 'a@m4', 'b@m0', 'b@m4'), 2);
    const base = jobs('gone@m0', 'b@m0', 'a@m4', 'gone@m4', 'gone@m7');
    assert.deepEqual(names([...baseJobs(base, groups, '1')]), ['gone@m0', 'a@m4', 'gone@m7']);
    assert.deepEqual(names([...baseJobs(base, groups, '2')]), ['b@m0', 'gone@m4']);
  });
});

describe('the name of a group', () => {
  it('names models once', () => {
    assert.equal(groupName(jobs('kws@m0', 'kws@m4', 'vww@m4')), 'kws on m0, m4; vww on m4');
  });
  it('is never longer than 100 characters', () => {
    assert.equal(groupName(jobs(...Array.from({ length: 50 }, (_, i) => `model${i}@m4`))).length, 100);
  });
});
