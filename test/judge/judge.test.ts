import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, type Limits, noBaseline } from '../../src/judge/judge.ts';
import type { Metric } from '../../src/report/report.ts';
import { baselineOf, context, measurement } from '../report/sample.ts';

const limit = (metric: Metric, value: number, target = 'cortex-m4'): Limits => ({
  model: { name: 'kws' },
  target,
  budgets: [{ metric, bound: 'limit', amount: value, written: 'as written', line: 7 }],
});
const none = noBaseline('First commit.');
const { flash, ram } = measurement();

describe('judge', () => {
  it('passes what is measured, proven and within its budgets', () => {
    const report = judge([measurement()], none, [limit('flash', flash.total + 1)], context);
    assert.deepEqual(report.verdict, { status: 'pass', reasons: [] });
    assert.deepEqual(
      report.rows.map(({ status, presence }) => [status, presence]),
      [['pass', 'both']],
    );
    assert.deepEqual(report.baseline, { commit: null, source: 'none', note: 'First commit.' });
  });

  it('passes exactly at the budget and fails one byte above it', () => {
    const verdict = (value: number) => judge([measurement()], none, [limit('flash', value)], context).verdict;
    assert.equal(verdict(flash.total).status, 'pass');
    const { status, reasons } = verdict(flash.total - 1);
    assert.equal(status, 'fail');
    assert.deepEqual(reasons, [
      {
        kind: 'budget',
        model: 'kws',
        target: 'cortex-m4',
        metric: 'flash',
        bound: 'limit',
        message:
          'Flash of 59,544 B is 1 B (<0.1%) over its budget of 59,543 B (58.1 KiB). Largest: 05_softmax 16,284 B, 04_fully_connected 13,724 B, 03_average_pool_2d 11,164 B.',
        causes: [
          { what: '05_softmax', value: 16_284, growth: null },
          { what: '04_fully_connected', value: 13_724, growth: null },
          { what: '03_average_pool_2d', value: 11_164, growth: null },
        ],
        file: 'tinyml.yml',
        line: 7,
      },
    ]);
  });
  it('judges RAM', () => {
    const report = judge([measurement()], none, [limit('ram', ram.total - 64)], context);
    assert.match(report.verdict.reasons[0]?.message ?? '', /^RAM of 16,464 B is 64 B \(0\.4%\) over/);
  });
  it('judges instructions by the slowest input', () => {
    const instructions = { total: 1000, min: 990, max: 1010 };
    const verdict = (value: number) =>
      judge([measurement({ instructions })], none, [limit('instructions', value)], context).verdict;
    assert.equal(verdict(1010).status, 'pass');
    assert.match(
      verdict(1009).reasons[0]?.message ?? '',
      /^The instruction count of 1,010 is 1 \(<0\.1%\) over its budget of 1,009\. Largest: /,
    );
  });
  it('fails a budget on what was not measured', () => {
    const report = judge([measurement({ instructions: null })], none, [limit('instructions', 1)], context);
    assert.equal(report.verdict.status, 'fail');
    assert.match(
      report.verdict.reasons[0]?.message ?? '',
      /was not measured, so its budget of as written could not be checked/,
    );
    assert.equal(report.rows[0]?.budgets[0]?.status, 'unknown');
  });
  it('holds a limit to its own model and target', () => {
    const report = judge([measurement()], none, [limit('flash', 1, 'cortex-m7')], context);
    assert.equal(report.verdict.status, 'pass');
  });
  it('fails on a failure of the run, and points to the model', () => {
    const failures = [{ kind: 'hang' as const, message: 'It hung.' }];
    const report = judge([measurement(), measurement({ target: 'cortex-m7', failures })], none, [], context);
    assert.deepEqual(
      report.rows.map(({ status }) => status),
      ['pass', 'fail'],
    );
    assert.deepEqual(
      report.verdict.reasons.map(({ kind, target, message, file }) => [kind, target, message, file]),
      [['failure', 'cortex-m7', 'It hung.', 'models/kws.tflite']],
    );
  });

  it('compares each model and target with the baseline', () => {
    const now = [measurement(), measurement({ target: 'cortex-m7' })];
    const before = [
      measurement({ flash: { ...flash, total: flash.total - 1 } }),
      measurement({ target: 'cortex-m0' }),
    ];
    const report = judge(now, baselineOf(before), [], context);
    assert.deepEqual(
      report.rows.map(({ target, presence, changes }) => [target, presence, changes[0]]),
      [
        ['cortex-m4', 'both', { metric: 'flash', before: flash.total - 1, after: flash.total }],
        ['cortex-m7', 'added', { metric: 'flash', before: null, after: flash.total }],
        ['cortex-m0', 'removed', { metric: 'flash', before: flash.total, after: null }],
      ],
    );
    assert.equal(report.verdict.status, 'pass');
  });
  it('gives the same bytes for the same input', () => {
    const report = () =>
      JSON.stringify(judge([measurement()], baselineOf([measurement()]), [limit('ram', 1)], context));
    assert.equal(report(), report());
  });
  it('has nothing to say about nothing', () => {
    assert.deepEqual(judge([], none, [], context).rows, []);
  });
});
