import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from '../../src/judge/judge.ts';
import { type GroupResult, parseGroupResult, renderGroupResult } from '../../src/matrix/group_result.ts';
import { dealJobs, type Group, type Named } from '../../src/matrix/groups.ts';
import { mergeGroups, missingReasons, withMissingRows } from '../../src/matrix/merge.ts';
import type { Measurement } from '../../src/measurement.ts';
import { renderHtml } from '../../src/report/html.ts';
import { parseReport, renderJson } from '../../src/report/json.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderText } from '../../src/report/text.ts';
import { sampleReport } from '../report/sample.ts';

const [sample] = sampleReport().measurements;
assert.ok(sample !== undefined);
const measured = (name: string, target: string, flash = 1000): Measurement => ({
  ...sample,
  model: { ...sample.model, name },
  target,
  part: null,
  flash: { ...sample.flash, total: flash },
  failures: [],
});
const names = [
  ['kws', 'm0'],
  ['kws', 'm4'],
  ['vww', 'm0'],
  ['vww', 'm4'],
] as const;
const jobs: Named[] = names.map(([name, target]) => ({ model: { name }, target }));
const groups: readonly Group<Named>[] = dealJobs(jobs, 2);
const base = 'b'.repeat(40);

function result(group: string, change: Partial<GroupResult> = {}): GroupResult {
  const own = groups.find(({ id }) => id === group)?.jobs ?? [];
  return {
    schemaVersion: 1,
    plan: 'digest',
    group,
    measurements: own.map(({ model, target }) => measured(model.name, target)),
    reused: 1,
    baseline: {
      commit: base,
      source: 'rebuilt',
      note: 'It is the base.',
      measurements: own.map(({ model, target }) => measured(model.name, target, 900)),
      limits: own.map(({ model, target }) => ({ model, target, budgets: [] })),
    },
    identity: null,
    trend: [],
    failure: null,
    ...change,
  };
}
const keys = (some: readonly Measurement[]) => some.map(({ model, target }) => `${model.name}@${target}`);
const context = {
  toolVersion: '1',
  run: { at: '2026-01-01T00:00:00Z', host: 'h' },
  headCommit: null,
  configFile: null,
};

describe('merging what the groups measured', () => {
  it('gives what one job would have measured, in whatever order they arrive', () => {
    const merged = mergeGroups(groups, [result('2'), result('1')], 'digest');
    assert.deepEqual(keys(merged.measurements), ['kws@m0', 'kws@m4', 'vww@m0', 'vww@m4']);
    assert.deepEqual(keys(merged.baseline.measurements), ['kws@m0', 'kws@m4', 'vww@m0', 'vww@m4']);
    assert.equal(merged.baseline.commit, base);
    assert.equal(merged.baseline.limits.length, 4);
    assert.equal(merged.reused, 2);
    assert.deepEqual(merged.missing, []);
  });

  it('names the jobs of a group that did not arrive, and takes none of another plan', () => {
    for (const arrived of [[result('2')], [result('2'), result('1', { plan: 'another' })]]) {
      const merged = mergeGroups(groups, arrived, 'digest');
      assert.deepEqual(keys(merged.measurements), ['vww@m0', 'vww@m4']);
      assert.deepEqual(
        merged.missing.map(({ model, target }) => `${model}@${target}`),
        ['kws@m0', 'kws@m4'],
      );
      assert.match(merged.missing[0]?.why ?? '', /Nothing arrived from group 1/);
    }
  });

  it('passes on why a group failed', () => {
    const failure = { kind: 'input', message: 'The model is broken.' } as const;
    const none = { commit: null, source: 'none', note: 'x', measurements: [], limits: [] } as const;
    const failed = result('1', {
      measurements: [],
      failure,
      baseline: { ...none, measurements: [], limits: [] },
    });
    const merged = mergeGroups(groups, [failed, result('2')], 'digest');
    assert.deepEqual(
      merged.missing.map(({ why }) => why),
      ['The model is broken.', 'The model is broken.'],
    );
    assert.equal(merged.baseline.commit, base, 'the group that failed says nothing of the baseline');
  });

  it('has no baseline where a group has none, or another commit', () => {
    const { baseline } = result('1');
    for (const other of [
      { ...baseline, source: 'none', commit: null, note: 'It is gone.' } as const,
      { ...baseline, commit: 'c'.repeat(40) },
    ]) {
      const merged = mergeGroups(groups, [result('1', { baseline: other }), result('2')], 'digest');
      assert.equal(merged.baseline.source, 'none');
      assert.deepEqual(merged.baseline.measurements, []);
    }
  });

  it('names the dearest source', () => {
    const cached = { ...result('1').baseline, source: 'cache' } as const;
    const merged = mergeGroups(groups, [result('1', { baseline: cached }), result('2')], 'digest');
    assert.equal(merged.baseline.source, 'rebuilt');
  });

  it('may stand for the commit only where all groups arrived, with the same tools', () => {
    const identity = {
      commit: base,
      project: '',
      configuration: '',
      code: 'c0de',
      toolVersion: '1.0.0',
      reportSchemaVersion: 3,
      compiler: 'gcc 13',
      emulators: { qemu: '8.2' },
    };
    const one = result('1', { identity });
    const merge = (...arrived: readonly GroupResult[]) => mergeGroups(groups, arrived, 'digest').identity;
    assert.deepEqual(merge(one, result('2', { identity })), identity);
    assert.equal(merge(one), null);
    assert.equal(merge(one, result('2', { identity: null })), null);
    assert.equal(merge(one, result('2', { identity: { ...identity, compiler: 'gcc 12' } })), null);
  });

  it('puts the rows of a trend together, each once', () => {
    const row = (model: string) => ({ model, target: 'm0', flash: 1, ram: 1, instructions: 1 });
    const point = (commit: string, ...models: readonly string[]) => ({
      commit,
      at: null,
      rows: models.map(row),
    });
    const merged = mergeGroups(
      groups,
      [
        result('1', { trend: [point('a', 'kws', 'vww'), point('b', 'kws')] }),
        result('2', { trend: [point('a', 'kws', 'vww'), point('b', 'vww')] }),
      ],
      'digest',
    );
    assert.deepEqual(merged.trend, [point('a', 'kws', 'vww'), point('b', 'kws', 'vww')]);
  });
});

describe('the report of a run with a group that is missing', () => {
  const merged = mergeGroups(groups, [result('2')], 'digest');
  const report = withMissingRows(
    judge(merged.measurements, merged.baseline, [], { ...context, reasons: missingReasons(merged.missing) }),
    merged.missing,
  );

  it('fails, names the jobs, and shows the rest with its changes', () => {
    assert.equal(report.verdict.status, 'fail');
    assert.deepEqual(
      report.verdict.reasons.map(({ kind, model, target }) => `${kind} ${model}@${target}`),
      ['missing kws@m0', 'missing kws@m4'],
    );
    assert.deepEqual(
      report.rows.map(({ model, target, status }) => `${model}@${target} ${status}`),
      ['vww@m0 pass', 'vww@m4 pass', 'kws@m0 fail', 'kws@m4 fail'],
    );
    assert.ok(report.rows.every(({ presence }) => presence === 'both'));
  });

  it('is one that everything renders and reads', () => {
    assert.deepEqual(parseReport(renderJson(report), 'x'), report);
    const markdown = renderMarkdown(report);
    assert.match(markdown, /Nothing arrived from group 1/);
    assert.match(markdown, /Fail: 2 of 4/);
    assert.match(renderText(report, { colour: false, columns: 120 }), /Nothing arrived from group 1/);
    assert.match(renderHtml(report), /Nothing arrived from group 1/);
  });
});

describe('the file of a group', () => {
  it('is read back as it was written', () => {
    assert.deepEqual(parseGroupResult(renderGroupResult(result('1')), 'f'), result('1'));
  });
  it('is refused in one sentence where it is of another version, or another thing', () => {
    const other = JSON.stringify({ ...result('1'), schemaVersion: 2 });
    assert.throws(() => parseGroupResult(other, 'f'), /schema version 2; this version reads 1/);
    for (const text of ['', '[]', '{"schemaVersion":1}', JSON.stringify({ ...result('1'), more: 1 })])
      assert.throws(() => parseGroupResult(text, 'f'), /^DeployError: /);
  });
});
