import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extendTrend, trendLength } from '../../src/baseline/trend.ts';
import { measurement } from '../report/sample.ts';

const run = { at: '2026-01-02T03:04:05.000Z', host: 'linux x64', reused: 0 };
const point = (commit: string) => ({ commit, at: null, rows: [] });

describe('extendTrend', () => {
  it('puts the baseline’s figures after those of its own trend', () => {
    const one = measurement();
    const trend = extendTrend('c', [one], { trend: [point('a'), point('b')], run });
    assert.deepEqual(
      trend.map(({ commit }) => commit),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(trend.at(-1), {
      commit: 'c',
      at: run.at,
      rows: [
        {
          model: one.model.name,
          target: one.target,
          flash: one.flash.total,
          ram: one.ram.total,
          instructions: one.instructions?.total ?? null,
        },
      ],
    });
  });

  it('begins with the baseline where that was measured now, and nobody knows when it was before', () => {
    assert.deepEqual(
      extendTrend('c', [], null).map(({ commit, at }) => [commit, at]),
      [['c', null]],
    );
  });

  it('keeps the newest, and each commit once', () => {
    const old = Array.from({ length: 30 }, (_, index) => point(`${index}`));
    const trend = extendTrend('29', [], { trend: old, run });
    assert.equal(trend.length, trendLength);
    assert.deepEqual([trend[0]?.commit, trend.at(-1)?.commit], ['10', '29']);
    assert.equal(new Set(trend.map(({ commit }) => commit)).size, trendLength);
  });
});
