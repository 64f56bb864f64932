import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Baseline, judge, type Limits, limitsOf, noBaseline } from '../../src/judge/judge.ts';
import type { Measurement } from '../../src/measurement.ts';
import type { Budget } from '../../src/project/project.ts';
import {
  answersTo,
  baselineOf,
  classesOf,
  context,
  layer,
  measurement,
  nano,
  topOne,
} from '../report/sample.ts';

const limits = (...budgets: readonly Omit<Budget, 'line'>[]): Limits[] => [
  {
    model: { name: 'kws' },
    target: 'cortex-m4',
    budgets: budgets.map((budget, index) => ({ ...budget, line: 10 + index })),
  },
];
const none = noBaseline('First commit.');
const judged = (now: Measurement, baseline: Baseline, ...budgets: readonly Omit<Budget, 'line'>[]) =>
  judge([now], baseline, limits(...budgets), context);
const statusOf = (now: Measurement, before: Measurement, budget: Omit<Budget, 'line'>) =>
  judged(now, baselineOf([before]), budget).rows[0]?.budgets[0]?.status;
const { flash, ram } = measurement();
const flashAt = (total: number) => measurement({ flash: { ...flash, total } });
const scored = (correct: number, samples: number) =>
  measurement({ accuracy: topOne(correct, samples), answers: answersTo(classesOf(correct, samples)) });

describe('a budget of change', () => {
  const budget = { metric: 'flash', bound: 'change', amount: 1024, written: '+1 KiB' } as const;
  it('holds to the byte', () => {
    assert.equal(statusOf(flashAt(11_024), flashAt(10_000), budget), 'within');
    assert.equal(statusOf(flashAt(11_025), flashAt(10_000), budget), 'exceeded');
  });
  it('of 0 lets nothing grow', () => {
    const still = { ...budget, amount: 0, written: '0' };
    assert.equal(statusOf(flashAt(10_000), flashAt(10_000), still), 'within');
    assert.equal(statusOf(flashAt(10_001), flashAt(10_000), still), 'exceeded');
    const fromNothing = judged(
      measurement({ ram: { ...ram, stack: 8 } }),
      baselineOf([measurement({ ram: { ...ram, stack: 0 } })]),
      { metric: 'stack', bound: 'change', amount: 0, written: '0' },
    );
    assert.equal(
      fromNothing.verdict.reasons[0]?.message,
      'The stack of 8 B is 8 B over its budget of 0 B, the baseline +0.',
    );
  });
  it('is not checked without a baseline, says so, and passes', () => {
    const { verdict, rows, notices } = judged(measurement(), none, budget);
    assert.equal(verdict.status, 'pass');
    assert.deepEqual(
      [rows[0]?.budgets[0]?.status, rows[0]?.budgets[0]?.limit, rows[0]?.budgets[0]?.value],
      ['unchecked', null, flash.total],
    );
    assert.deepEqual(notices, [
      {
        kind: 'unchecked-budgets',
        message: 'Not checked, since no baseline has it: flash +1 KiB.',
        rows: [{ model: 'kws', target: 'cortex-m4' }],
        file: 'tinyml.yml',
        line: 10,
      },
    ]);
  });
  it('is told once with all others that lack the same', () => {
    const { notices } = judged(
      measurement(),
      none,
      budget,
      { metric: 'ram', bound: 'percent', amount: 2, written: '2%' },
      { metric: 'ram', bound: 'share', amount: 80, written: '80%' },
    );
    assert.deepEqual(
      notices.map(({ message }) => message),
      [
        'Not checked, since no baseline has it: flash +1 KiB, RAM +2%.',
        'Not checked, since a generic core has no memory of its own: RAM 80% of the part.',
      ],
    );
  });
  it('is not checked where the baseline lacks the row', () => {
    const other = baselineOf([measurement({ target: 'cortex-m7' })]);
    assert.equal(judged(measurement(), other, budget).rows[0]?.budgets[0]?.status, 'unchecked');
  });
});

describe('a budget in percent', () => {
  it('holds to the byte below the percentage', () => {
    const budget = { metric: 'flash', bound: 'percent', amount: 2, written: '+2%' } as const;
    assert.equal(statusOf(flashAt(10_201), flashAt(10_001), budget), 'within');
    assert.equal(statusOf(flashAt(10_202), flashAt(10_001), budget), 'exceeded');
  });
  it('of instructions compares the slowest inputs', () => {
    const at = (max: number) => measurement({ instructions: { total: 1, min: 1, max } });
    const budget = { metric: 'instructions', bound: 'percent', amount: 1, written: '1%' } as const;
    assert.equal(statusOf(at(1010), at(1000), budget), 'within');
    assert.equal(statusOf(at(1011), at(1000), budget), 'exceeded');
  });
});

describe('a share of the part', () => {
  const budget = { metric: 'flash', bound: 'share', amount: 80, written: '80%' } as const;
  const onPart = (total: number) => measurement({ flash: { ...flash, total }, part: nano });
  it('holds to the byte on a real part, also without a baseline', () => {
    assert.equal(judged(onPart(838_860), none, budget).verdict.status, 'pass');
    assert.equal(
      judged(onPart(838_861), none, { ...budget }).verdict.reasons[0]?.message.split(' Largest')[0],
      'Flash of 838,861 B is 1 B (<0.1%) over its budget of 838,860 B, 80% of the part.',
    );
  });
  it('of RAM and stack is of the RAM', () => {
    for (const metric of ['ram', 'stack'] as const)
      assert.equal(
        judged(measurement({ part: nano }), none, { ...budget, metric }).rows[0]?.budgets[0]?.limit,
        209_715,
      );
  });
  it('is not checked on a generic core', () => {
    assert.match(
      judged(measurement(), none, budget).notices[0]?.message ?? '',
      /^Not checked, since a generic core has no memory of its own: flash 80% of the part\.$/,
    );
  });
});

describe('a budget of accuracy', () => {
  it('is a lower limit, exact on fractions', () => {
    const at = (amount: number) =>
      ({ metric: 'accuracy', bound: 'limit', amount, written: `${amount}%` }) as const;
    assert.equal(judged(scored(193, 200), none, at(96.5)).verdict.status, 'pass');
    assert.equal(judged(scored(1931, 2000), none, at(96.55)).verdict.status, 'pass');
    assert.equal(judged(scored(2, 3), none, at(66.666666)).verdict.status, 'pass');
    assert.equal(
      judged(scored(192, 200), none, at(96.5)).verdict.reasons[0]?.message,
      'The accuracy of 96.00% is below its budget of 96.50%. Fewest right: 16 of 17 samples of down, 16 of 17 samples of go, 16 of 17 samples of left.',
    );
  });
  it('of change lets it fall by so many points', () => {
    const budget = { metric: 'accuracy', bound: 'change', amount: -0.1, written: '-0.1%' } as const;
    assert.equal(statusOf(scored(963, 1000), scored(964, 1000), budget), 'within');
    assert.equal(statusOf(scored(962, 1000), scored(964, 1000), budget), 'exceeded');
    assert.match(
      judged(scored(962, 1000), baselineOf([scored(964, 1000)]), budget).verdict.reasons[0]?.message ?? '',
      /^The accuracy of 96\.20% is below its budget of 96\.30%, the baseline -0\.1%\. Lost most right answers: left \(−1\), no \(−1\)\.$/,
    );
  });
  it('fails without labelled data, and says what is missing', () => {
    const bare = measurement({ accuracy: null, answers: null });
    assert.match(
      judged(bare, none, { metric: 'accuracy', bound: 'limit', amount: 95, written: '95%' }).verdict
        .reasons[0]?.message ?? '',
      /was not measured, .*give `test-data` with `labels`\.$/,
    );
  });
});

describe('the cause of a broken budget', () => {
  it('is the three layers that grew most', () => {
    const grown = (by: readonly number[]) =>
      measurement({ layers: by.map((bytes, index) => layer(index, { weights: 1000 + bytes })) });
    const report = judged(grown([10, 0, 40, 30, 0, 20]), baselineOf([grown([0, 0, 0, 0, 5, 0])]), {
      metric: 'flash',
      bound: 'change',
      amount: 1,
      written: '+1',
    });
    assert.deepEqual(report.verdict.reasons[0]?.causes, [
      { what: '02_conv_2d', value: 1964, growth: 40 },
      { what: '03_average_pool_2d', value: 1954, growth: 30 },
      { what: '05_softmax', value: 1944, growth: 20 },
    ]);
    assert.match(
      report.verdict.reasons[0]?.message ?? '',
      / Grew most: 02_conv_2d \+40 B to 1,964, 03_average_pool_2d \+30 B to 1,954, 05_softmax \+20 B to 1,944\.$/,
    );
  });
  it('may be no layer at all', () => {
    const runtime = measurement({
      flash: { ...flash, total: flash.total + 500, runtime: flash.runtime + 500 },
    });
    const report = judged(runtime, baselineOf([measurement()]), {
      metric: 'flash',
      bound: 'change',
      amount: 1,
      written: '+1',
    });
    assert.deepEqual(report.verdict.reasons[0]?.causes, [
      { what: 'run-time library', value: 644, growth: 500 },
    ]);
  });
  it('counts a layer that is new as grown from nothing', () => {
    const report = judged(
      measurement({ layers: [layer(0), layer(1)] }),
      baselineOf([measurement({ layers: [layer(1)] })]),
      { metric: 'instructions', bound: 'limit', amount: 1, written: '1' },
    );
    assert.deepEqual(report.verdict.reasons[0]?.causes, [
      { what: '00_conv_2d', value: 1_000_000, growth: 1_000_000 },
    ]);
  });
  it('says a small limit once', () => {
    const over = judged(measurement(), none, {
      metric: 'stack',
      bound: 'limit',
      amount: 10,
      written: '10 B',
    });
    assert.match(over.verdict.reasons[0]?.message ?? '', / over its budget of 10 B\./);
  });
  it('of RAM is what lives when the arena is fullest, by layer', () => {
    const buffer = (label: string, offset: number, bytes: number, firstStep: number, lastStep: number) => ({
      label,
      offset,
      bytes,
      firstStep,
      lastStep,
    });
    const now = measurement({
      layers: [layer(0), layer(1)],
      arena: [
        buffer('serving_default_input:0', 0, 100, -1, 0),
        buffer('re_lu/Relu;batch_normalization/add_1;conv2d/Conv2D', 112, 900, 0, 1),
        buffer('narrow', 0, 50, 1, 2),
        buffer('rows and scratch of layer 1', 1024, 300, 1, 1),
      ],
    });
    assert.deepEqual(
      judged(now, none, { metric: 'ram', bound: 'limit', amount: 1, written: '1' }).verdict.reasons[0]
        ?.causes,
      [
        { what: 'output of 00_conv_2d', value: 900, growth: null },
        { what: 'rows and scratch of 01_depthwise_conv_2d', value: 300, growth: null },
        { what: 'output of 01_depthwise_conv_2d', value: 50, growth: null },
      ],
    );
  });
});

describe('a budget that the head loosens', () => {
  const old = { metric: 'flash', bound: 'limit', amount: 65_536, written: '64 KiB' } as const;
  const score = { metric: 'accuracy', bound: 'limit', amount: 95, written: '95%' } as const;
  const messages = (before: readonly Omit<Budget, 'line'>[], now: readonly Omit<Budget, 'line'>[]) => {
    const baseline = { ...baselineOf([measurement()]), limits: limits(...before) };
    const report = judged(measurement(), baseline, ...now);
    assert.equal(report.verdict.status, 'pass');
    return report.notices.map(({ message, line }) => [message, line]);
  };
  it('is told', () => {
    assert.deepEqual(messages([old], [{ ...old, amount: 81_920, written: '80 KiB' }]), [
      ['The budget on flash was loosened from 64 KiB to 80 KiB.', 10],
    ]);
    assert.deepEqual(messages([score], [{ ...score, amount: 90, written: '90%' }]), [
      ['The budget on accuracy was loosened from 95% to 90%.', 10],
    ]);
  });
  it('or removes, or keeps in another form only', () => {
    assert.deepEqual(messages([old], []), [['The budget of 64 KiB on flash was removed.', null]]);
    assert.deepEqual(messages([old], [{ ...old, bound: 'percent', amount: 5, written: '5%' }]), [
      ['The budget of 64 KiB on flash was removed.', null],
    ]);
  });
  it('is not one that stays, tightens or comes new', () => {
    assert.deepEqual(messages([old], [old]), []);
    assert.deepEqual(messages([old], [{ ...old, amount: 60_000 }]), []);
    assert.deepEqual(messages([score], [{ ...score, amount: 96 }]), []);
    assert.deepEqual(messages([], [old]), []);
  });
  it('is read back from an earlier report', () => {
    const wanted = limits(old, score);
    assert.deepEqual(limitsOf(judge([measurement()], none, wanted, context)), wanted);
  });
});
