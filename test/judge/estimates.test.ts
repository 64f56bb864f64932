import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../src/judge/judge.ts';
import { budgetedValue, changeOf } from '../../src/judge/metric.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { composition, rowViews } from '../../src/report/view.ts';
import { baselineOf, context, layer, measurement, nano } from '../report/sample.ts';

const cycles = {
  estimate: 1_300_000,
  low: 1_200_000,
  high: 1_500_000,
  source: 'a manual',
  error: { lowest: -35, highest: 2, against: 'a board' },
};
const energy = {
  estimate: 446_550,
  low: 386_400,
  high: 547_500,
  supply: '1.8 V, LDO',
  source: 'a laboratory',
};
const layers = [layer(0, { cycles: 400_000 }), layer(1, { cycles: 900_000 })];
const estimated = measurement({ cycles, energy, layers, part: nano });
const before = measurement({ cycles: { ...cycles, estimate: 1_290_000 }, energy, layers, part: nano });

test('a report shows the estimate, and a budget holds its upper end', () => {
  assert.equal(changeOf('cycles', null, estimated).after, 1_300_000);
  assert.deepEqual(budgetedValue('cycles', null, estimated), { value: 1_500_000 });
  assert.equal(changeOf('energy', null, estimated).after, 446_550);
  assert.deepEqual(budgetedValue('energy', null, estimated), { value: 547_500 });
});

test('an estimate stands beside the instructions, with its range, its change and its error', () => {
  const report = judge([estimated], baselineOf([before]), [], context);
  const notes = rowViews(report)[0]?.cells.find(({ metric }) => metric === 'instructions')?.notes;
  assert.deepEqual(notes, [
    '≈ 1,300,000 cycles',
    '+10,000 (+0.78%)',
    'error −35% to +2%',
    '≈ 446.6 µJ',
    'at 1.8 V, LDO',
  ]);
  const all =
    '≈ 1,300,000 (1,200,000 to 1,500,000 by the core’s timings; error −35% to +2%), energy ≈ 446.6 µJ at 1.8 V, LDO';
  assert.equal(composition(estimated).cycles, all);
  assert.ok(renderHtml(report).includes(`Cycles ${all}.`));
  assert.match(renderMarkdown(report), /^Cycles ≈ 1,300,000 \(.*at 1\.8 V, LDO\.(<br>)?$/m);
  const without = judge([measurement()], baselineOf([]), [], context);
  assert.deepEqual(rowViews(without)[0]?.cells.find(({ metric }) => metric === 'instructions')?.notes, []);
  assert.equal(composition(measurement()).cycles, '');
});

const limit = (metric: 'cycles' | 'energy', amount: number, written: string) => ({
  model: { name: 'kws' },
  target: 'cortex-m4',
  budgets: [{ metric, bound: 'limit' as const, amount, written, line: 4 }],
});

test('a budget on time is broken by the upper end, and says which layers take most', () => {
  const report = judge([estimated], baselineOf([]), [limit('cycles', 1_400_000, '20 ms @ 70 MHz')], context);
  assert.equal(report.verdict.status, 'fail');
  assert.match(
    report.verdict.reasons[0]?.message ?? '',
    /^The upper end of estimated cycles of 1,500,000 cycles is 100,000 cycles \(7\.1%\) over its budget of 1,400,000 cycles\..*Largest: 01_depthwise_conv_2d 900,000 cycles/,
  );
});

test('a budget on what could not be estimated fails and says what it takes', () => {
  const report = judge([measurement()], baselineOf([]), [limit('energy', 1_000, '1 uJ')], context);
  assert.match(report.verdict.reasons[0]?.message ?? '', /was not measured.*QEMU with its counting plugin/);
});
