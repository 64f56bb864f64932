import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asymmetric, symmetricScale } from '../../src/quantize/encoding.ts';
import { addValues, emptyHistogram } from '../../src/quantize/histogram.ts';
import { roundRows } from '../../src/quantize/least_squares_rounding.ts';
import { rangeOf } from '../../src/quantize/ranges.ts';

function histogramOf(values: Float32Array) {
  const histogram = emptyHistogram();
  addValues(histogram, values);
  return histogram;
}

/** A million values spread evenly over −1 to 1, and one at 3. */
const outlier = Float32Array.from({ length: 1_000_001 }, (_, at) =>
  at === 1_000_000 ? 3 : at / 500_000 - 1,
);

test('min-max covers all, percentile and mean-squared error leave one outlier among many out', () => {
  const histogram = histogramOf(outlier);
  assert.deepEqual(rangeOf('min-max', histogram), { low: -1, high: 3 });
  for (const method of ['percentile', 'mse'] as const) {
    const { low, high } = rangeOf(method, histogram);
    assert.ok(low >= -1 && low < -0.9, `${method}: ${low}`);
    assert.ok(high > 0.9 && high < 2, `${method}: ${high}`);
  }
});

test('mean-squared error keeps one outlier among few: cutting it would cost more than coarse steps', () => {
  const few = histogramOf(Float32Array.of(...outlier.subarray(0, 100), 3));
  assert.equal(rangeOf('mse', few).high, 3);
});

test('a range always contains zero', () => {
  const positive = histogramOf(Float32Array.of(2, 3, 4));
  for (const method of ['min-max', 'percentile', 'mse'] as const) {
    assert.equal(rangeOf(method, positive).low, 0);
    assert.ok(rangeOf(method, positive).high > 3);
  }
});

test('the order in which values come does not change a histogram: its span doubles as it must', () => {
  const ascending = Float32Array.of(1e-6, 0.1, -3, 700, 0);
  const a = histogramOf(ascending);
  const b = emptyHistogram();
  for (const value of ascending.toReversed()) addValues(b, Float32Array.of(value));
  assert.equal(a.limit, 1024);
  assert.deepEqual(a, b);
});

test('values that are no finite numbers are counted, not binned', () => {
  const histogram = histogramOf(Float32Array.of(1, Number.NaN, Infinity));
  assert.equal(histogram.broken, 2);
});

test('asymmetric int8 writes zero exactly and both ends nearly', () => {
  const { scales, zeroPoints } = asymmetric({ low: -1, high: 3 });
  assert.deepEqual(zeroPoints, [-64]);
  assert.equal(scales[0], Math.fround(4 / 255));
  assert.deepEqual(asymmetric({ low: 0, high: 0 }), { scales: [1], zeroPoints: [-128], axis: 0 });
});

test('a channel without weights gets a scale that its bias fits', () => {
  const scale = symmetricScale(0, 5, 0.01);
  const bias = 5 / (0.01 * scale);
  assert.ok(bias < 2 ** 29 && bias > 2 ** 27);
  assert.equal(symmetricScale(0, 0, 0.01), 1);
});

test('two inputs that are always equal: one weight rounds up where the other rounds down', () => {
  const moments = Float64Array.of(1, 1, 1, 1);
  const statistics = { size: 2, mean: Float64Array.of(1, 1), moments };
  // 0.4 + 0.4 is nearer to 1 than to 0.
  const integers = roundRows(Float64Array.of(0.4, 0.4), statistics, false);
  assert.equal((integers[0] as number) + (integers[1] as number), 1);
  // Independent inputs go to the nearest, each for itself.
  const apart = { ...statistics, moments: Float64Array.of(1, 0, 0, 1) };
  assert.deepEqual(roundRows(Float64Array.of(0.4, 0.4), apart, false), Int8Array.of(0, 0));
});

test('with the bias making up for the mean, inputs that never vary do not pull at the weights', () => {
  const constant = { size: 2, mean: Float64Array.of(1, 1), moments: Float64Array.of(1, 1, 1, 1) };
  assert.deepEqual(roundRows(Float64Array.of(0.4, 0.4), constant, true), Int8Array.of(0, 0));
});
