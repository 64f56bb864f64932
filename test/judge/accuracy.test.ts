import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packAnswers } from '../../src/accuracy/answers.ts';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import type { Accuracy, Measurement } from '../../src/measurement.ts';
import type { Budget } from '../../src/project/project.ts';
import { answersTo, baselineOf, classesOf, context, measurement, topOne } from '../report/sample.ts';

const right = classesOf(200, 200);
/** The first samples answered with another class. */
const changed = (count: number): Measurement =>
  measurement({
    accuracy: topOne(200 - count, 200),
    answers: answersTo(right.map((label, at) => (at < count ? (label + 1) % 12 : label))),
  });
const limit = (amount: number): Budget => ({
  metric: 'changed-answers',
  bound: 'limit',
  amount,
  written: String(amount),
  line: 3,
});

function judged(after: Measurement, before: Measurement | null, budget: Budget) {
  const limits = [{ model: { name: 'kws' }, target: 'cortex-m4', budgets: [budget] }];
  return judge([after], before === null ? noBaseline('') : baselineOf([before]), limits, context);
}
const result = (...all: Parameters<typeof judged>) => judged(...all).rows[0]?.budgets[0];
const message = (...all: Parameters<typeof judged>) => judged(...all).verdict.reasons[0]?.message;

describe('a budget of changed answers', () => {
  it('holds to the sample, and names what turned into what most often', () => {
    assert.equal(result(changed(3), changed(0), limit(3))?.status, 'within');
    assert.equal(
      message(changed(14), changed(0), limit(3)),
      'The number of changed answers is 14, 11 over its budget of 3 samples. Most often: down → go (2), go → left (2), left → no (1).',
    );
  });
  it('may be a share of the samples', () => {
    const share = { ...limit(2), bound: 'share', written: '2%' } as const;
    assert.deepEqual(
      [result(changed(4), changed(0), share)?.status, result(changed(4), changed(0), share)?.limit],
      ['within', 4],
    );
    assert.match(
      message(changed(5), changed(0), share) ?? '',
      /is 5, 1 over its budget of 4 samples, 2% of the samples\./,
    );
  });
  it('counts from the baseline, whatever that got right', () => {
    assert.equal(result(changed(9), changed(9), limit(0))?.status, 'within');
    assert.deepEqual(
      judged(changed(9), changed(4), limit(5)).rows[0]?.changes.find(
        ({ metric }) => metric === 'changed-answers',
      ),
      { metric: 'changed-answers', before: 0, after: 5 },
    );
  });
  it('is not checked without a baseline, or where that had other test data; a notice says so', () => {
    const report = judged(changed(3), null, limit(0));
    assert.equal(report.verdict.status, 'pass');
    assert.equal(report.notices[0]?.message, 'Not checked, since no baseline has it: changed answers 0.');
    const before = changed(0);
    const other = before.answers === null ? null : { ...before.answers, data: 'other' };
    assert.equal(
      judged(changed(3), { ...before, answers: other }, limit(0)).notices[0]?.message,
      'Not checked, since the baseline was measured on other test data: changed answers 0.',
    );
  });
  it('fails where there is no test data at all', () => {
    assert.match(
      message(measurement({ answers: null, accuracy: null }), changed(0), limit(0)) ?? '',
      /^The number of changed answers was not measured, so its budget of 0 could not be checked: give `test-data`\.$/,
    );
  });
});

describe('a budget of an error', () => {
  const erring = (value: number): Measurement => {
    const error: Accuracy = {
      ...topOne(1, 200),
      name: 'mean absolute error',
      unit: 'number',
      better: 'less',
      correct: null,
      value,
    };
    return measurement({ accuracy: error, answers: null });
  };
  const budget = (bound: Budget['bound'], amount: number, written: string): Budget => ({
    metric: 'error',
    bound,
    amount,
    written,
    line: 3,
  });
  it('is an upper limit', () => {
    assert.equal(result(erring(0.05), null, budget('limit', 0.05, '0.05'))?.status, 'within');
    assert.equal(
      message(erring(0.0625), null, budget('limit', 0.05, '0.05')),
      'The error of 0.0625 is 0.0125 (25.0%) over its budget of 0.05.',
    );
  });
  it('may grow by so much, or so many percent', () => {
    assert.equal(result(erring(0.3), erring(0.2), budget('change', 0.1, '+0.1'))?.status, 'within');
    assert.equal(result(erring(0.30001), erring(0.2), budget('change', 0.1, '+0.1'))?.status, 'exceeded');
    assert.equal(result(erring(0.22), erring(0.2), budget('percent', 10, '+10%'))?.status, 'within');
    assert.equal(result(erring(0.2201), erring(0.2), budget('percent', 10, '+10%'))?.status, 'exceeded');
  });
  it('is another metric than accuracy, and is not measured where that is', () => {
    assert.equal(result(changed(0), null, budget('limit', 0.05, '0.05'))?.status, 'unknown');
    assert.equal(
      result(erring(0), null, { ...budget('limit', 95, '95%'), metric: 'accuracy' })?.status,
      'unknown',
    );
  });
});

describe('a budget of a score', () => {
  const scored = (value: number): Measurement =>
    measurement({
      accuracy: { ...topOne(1, 200), name: 'IoU', unit: 'number', better: 'more', correct: null, value },
      answers: null,
    });
  it('is a lower limit', () => {
    const budget: Budget = { metric: 'score', bound: 'limit', amount: 0.7, written: '0.7', line: 3 };
    assert.equal(result(scored(0.7), null, budget)?.status, 'within');
    assert.equal(message(scored(0.69), null, budget), 'The score of 0.69 is below its budget of 0.7.');
    const fall: Budget = { ...budget, bound: 'change', amount: -0.1, written: '-0.1' };
    assert.equal(result(scored(0.7), scored(0.8), fall)?.status, 'within');
    assert.equal(result(scored(0.69), scored(0.8), fall)?.status, 'exceeded');
  });
});

it('values have no causes', () => {
  const values = (list: readonly number[]) => ({
    ...answersTo(list),
    kind: 'value' as const,
    truths: null,
    right: null,
    answers: packAnswers('value', list),
  });
  assert.equal(
    message(measurement({ answers: values([1, 2]) }), measurement({ answers: values([1, 3]) }), limit(0)),
    'The number of changed answers is 1, 1 over its budget of 0 samples.',
  );
});
