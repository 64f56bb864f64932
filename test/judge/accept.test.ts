import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AcceptanceRecord,
  acceptRegressions,
  brokenValues,
  type LabelSet,
} from '../../src/judge/accept.ts';
import { judge, type Limits, noBaseline } from '../../src/judge/judge.ts';
import type { Measurement } from '../../src/measurement.ts';
import type { Metric, Report } from '../../src/report/report.ts';
import { answersTo, classesOf, context, measurement, topOne } from '../report/sample.ts';

const set: LabelSet = { id: 7, by: 'ada', at: '2026-11-24T08:00:00Z', label: 'accept-regression' };
const again: LabelSet = { ...set, id: 8, by: 'bob' };
const { flash } = measurement();

const limit = (metric: Metric, amount: number): Limits => ({
  model: { name: 'kws' },
  target: 'cortex-m4',
  budgets: [{ metric, bound: 'limit', amount, written: String(amount), line: 7 }],
});
const judged = (fields: Partial<Measurement>, ...limits: Limits[]): Report =>
  judge([measurement(fields)], noBaseline(''), limits, context);
/** 100 bytes of flash are allowed. */
const withFlash = (total: number): Report => judged({ flash: { ...flash, total } }, limit('flash', 100));
const shownOf = (report: Report): AcceptanceRecord => ({ shown: brokenValues(report), accepted: null });

describe('an accepted regression', () => {
  it('passes at the value that the comment showed when the label was set, and says who accepted it', () => {
    const { report, record } = acceptRegressions(withFlash(150), {
      set,
      record: shownOf(withFlash(150)),
      isKept: true,
    });
    assert.deepEqual(report.verdict, { status: 'pass', reasons: [] });
    assert.equal(report.rows[0]?.status, 'pass');
    assert.equal(report.rows[0]?.budgets[0]?.status, 'accepted');
    assert.deepEqual(report.accepted, [
      {
        model: 'kws',
        target: 'cortex-m4',
        metric: 'flash',
        bound: 'limit',
        value: 150,
        limit: 100,
        accepted: 150,
        by: 'ada',
        at: '2026-11-24T08:00:00Z',
        label: 'accept-regression',
        message:
          'Flash of 150 B, 50 B over its budget: accepted by @ada on 2026-11-24 (label accept-regression).',
      },
    ]);
    assert.deepEqual(record.accepted, { event: 7, values: brokenValues(withFlash(150)) });
  });

  it('holds for a smaller value, and fails one byte above, saying what was accepted and what to do', () => {
    const { record } = acceptRegressions(withFlash(150), {
      set,
      record: shownOf(withFlash(150)),
      isKept: true,
    });
    const at = (total: number) => acceptRegressions(withFlash(total), { set, record, isKept: true });
    assert.equal(at(149).report.verdict.status, 'pass');
    const worse = at(151);
    assert.equal(worse.report.verdict.status, 'fail');
    assert.match(
      worse.report.verdict.reasons[0]?.message ?? '',
      / Accepted was 150 B, by @ada on 2026-11-24 \(label accept-regression\): to accept this too, take the label off and set it again\.$/,
    );
    assert.deepEqual(worse.report.accepted, []);
    const next = acceptRegressions(withFlash(152), { set, record: worse.record, isKept: true });
    assert.equal(next.report.verdict.status, 'fail', 'what was shown after the label is not accepted by it');
    assert.equal(next.record.accepted?.values[0]?.value, 150);
  });

  it('takes what is shown by now when the label is set again', () => {
    const failed = acceptRegressions(withFlash(151), {
      set,
      record: { shown: [], accepted: { event: 7, values: brokenValues(withFlash(150)) } },
      isKept: true,
    });
    const accepted = acceptRegressions(withFlash(151), { set: again, record: failed.record, isKept: true });
    assert.equal(accepted.report.verdict.status, 'pass');
    assert.equal(accepted.report.accepted[0]?.by, 'bob');
    const larger = acceptRegressions(withFlash(152), { set: again, record: failed.record, isKept: true });
    assert.equal(larger.report.verdict.status, 'fail', 'pushed after the comment that the label answers');
  });

  it('takes the values of this run where the label was there before the comment', () => {
    const first = acceptRegressions(withFlash(150), { set, record: null, isKept: true });
    assert.equal(first.report.verdict.status, 'pass');
    const next = acceptRegressions(withFlash(151), { set, record: first.record, isKept: true });
    assert.equal(next.report.verdict.status, 'fail');
  });

  it('is nothing where no comment shows or keeps it', () => {
    const { report, record } = acceptRegressions(withFlash(150), { set, record: null, isKept: false });
    assert.equal(report.verdict.status, 'fail');
    assert.match(report.verdict.reasons[0]?.message ?? '', /accepts what the comment .* shows/);
    assert.equal(record.accepted, null);
  });

  it('does not cover what was within its budget when the label was set', () => {
    const fine = acceptRegressions(withFlash(90), { set, record: null, isKept: true });
    const { report } = acceptRegressions(withFlash(101), { set, record: fine.record, isKept: true });
    assert.match(report.verdict.reasons[0]?.message ?? '', /This was not among what was accepted by @ada/);
  });

  it('is gone with its label', () => {
    const accepted = acceptRegressions(withFlash(150), { set, record: null, isKept: true });
    const { report, record } = acceptRegressions(accepted.report, {
      set: null,
      record: accepted.record,
      isKept: true,
    });
    assert.equal(report.verdict.status, 'fail');
    assert.deepEqual(report, withFlash(150), 'as it was judged');
    assert.equal(record.accepted, null);
  });

  it('is taken from nobody but the label: a report that claims it is judged again', () => {
    const forged = acceptRegressions(withFlash(150), { set, record: null, isKept: true }).report;
    assert.equal(
      acceptRegressions(forged, { set: null, record: null, isKept: true }).report.verdict.status,
      'fail',
    );
  });

  it('of accuracy holds upwards', () => {
    const scored = (correct: number): Report =>
      judged(
        { accuracy: topOne(correct, 200), answers: answersTo(classesOf(correct, 200)) },
        limit('accuracy', 95),
      );
    const first = acceptRegressions(scored(180), { set, record: null, isKept: true });
    assert.match(
      first.report.accepted[0]?.message ?? '',
      /^The accuracy of 90\.00%, below its budget of 95\.00%: /,
    );
    const verdict = (correct: number) =>
      acceptRegressions(scored(correct), { set, record: first.record, isKept: true }).report.verdict.status;
    assert.equal(verdict(181), 'pass');
    assert.equal(verdict(179), 'fail');
  });

  it('never is a wrong result, a fault, a missing measurement or a missing baseline', () => {
    const failing = judged(
      { instructions: null, failures: [{ kind: 'mismatch', message: 'Wrong.' }] },
      limit('flash', 1),
      limit('instructions', 1),
    );
    const { report } = acceptRegressions(failing, { set, record: null, isKept: true });
    assert.equal(report.verdict.status, 'fail');
    assert.deepEqual(
      report.verdict.reasons.map(({ kind, metric }) => [kind, metric]),
      [
        ['failure', null],
        ['budget', 'instructions'],
      ],
    );
    assert.equal(report.rows[0]?.status, 'fail');
    assert.equal(report.accepted.length, 1);
  });

  it('of one bound leaves the other bound of the same metric broken', () => {
    const both: Limits = {
      model: { name: 'kws' },
      target: 'cortex-m4',
      budgets: [
        { metric: 'flash', bound: 'limit', amount: 100, written: '100', line: 7 },
        { metric: 'flash', bound: 'change', amount: 1, written: '+1', line: 7 },
      ],
    };
    const old = { commit: 'c', source: 'rebuilt' as const, note: '' };
    const at = (total: number, before: number) =>
      judge(
        [measurement({ flash: { ...flash, total } })],
        { ...old, measurements: [measurement({ flash: { ...flash, total: before } })] },
        [both],
        context,
      );
    const first = acceptRegressions(at(150, 149), { set, record: null, isKept: true });
    assert.equal(first.report.verdict.status, 'pass');
    const { report } = acceptRegressions(at(150, 140), { set, record: first.record, isKept: true });
    assert.deepEqual(
      report.verdict.reasons.map(({ bound }) => bound),
      ['change'],
    );
  });
});
