import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  highMultiply,
  int32Max,
  int32Min,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundAwayFromZero,
  roundingShiftRight,
  saturatingShiftLeft,
  splitExponent,
} from '../../src/operators/fixed_point.ts';
import {
  expOnNegativeValues,
  hyperbolicTangent,
  inverseSquareRoot,
  logarithm,
  logistic,
  reciprocal,
} from '../../src/operators/fixed_point_functions.ts';

/** gemmlowp's definition with 64-bit integers: a nudge of the product's sign, then a truncating division. */
function highMultiplyByDefinition(a: number, b: number): number {
  if (a === b && a === int32Min) return int32Max;
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return Number((product + nudge) / (1n << 31n));
}

const edges = [
  0,
  1,
  -1,
  2,
  -2,
  3,
  32767,
  -32768,
  65535,
  65536,
  -65536,
  65537,
  1 << 30,
  -(1 << 30),
  int32Max - 1,
  int32Max,
  int32Min + 1,
  int32Min,
];

function* pairs(): Generator<readonly [number, number]> {
  for (const a of edges) for (const b of edges) yield [a, b];
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state;
  };
  for (let round = 0; round < 20_000; round++) {
    const [a, b] = [next(), next()];
    yield [a >> (round % 24), b];
  }
}

test('the high multiply equals the definition in 64 bits for edges and 20,000 random pairs', () => {
  for (const [a, b] of pairs())
    assert.equal(highMultiply(a, b), highMultiplyByDefinition(a, b), `${a} × ${b}`);
});

test('the rounding right shift rounds ties away from zero', () => {
  for (const [a] of pairs()) {
    for (const exponent of [0, 1, 2, 7, 15, 30, 31]) {
      const divisor = 1n << BigInt(exponent);
      const twice = 2n * BigInt(a);
      const expected = Number((twice + (a < 0 ? -divisor : divisor)) / (2n * divisor));
      assert.equal(roundingShiftRight(a, exponent), expected, `${a} >> ${exponent}`);
    }
  }
});

test('a left shift saturates', () => {
  assert.equal(saturatingShiftLeft(1, 30), 1 << 30);
  assert.equal(saturatingShiftLeft(1, 31), int32Max);
  assert.equal(saturatingShiftLeft(-1, 31), int32Min);
  assert.equal(saturatingShiftLeft(-2, 31), int32Min);
});

test('requantizing rounds twice: the high multiply first, the shift after it', () => {
  // 0.25 of 5 is 1.25; once rounded to 3 halves (5 × 0.5 = 2.5 → 3), then 1.5 → 2. One rounding would give 1.
  assert.equal(multiplyByQuantizedMultiplier(5, 1 << 30, -1), 2);
  assert.equal(multiplyByQuantizedMultiplier(5, 1 << 30, 1), 5);
  assert.equal(multiplyByQuantizedMultiplier(-5, 1 << 30, 2), -10);
});

test('real multipliers become Q31 with an exponent', () => {
  assert.deepEqual(quantizeMultiplier(1), { multiplier: 1 << 30, shift: 1 });
  assert.deepEqual(quantizeMultiplier(0.5), { multiplier: 1 << 30, shift: 0 });
  assert.deepEqual(quantizeMultiplier(0), { multiplier: 0, shift: 0 });
  assert.deepEqual(quantizeMultiplier(1 - 2 ** -40), { multiplier: 1 << 30, shift: 1 }, 'rounds up to one');
  assert.deepEqual(quantizeMultiplier(2 ** -40), { multiplier: 0, shift: 0 }, 'too small is nothing');
  assert.deepEqual(quantizeMultiplier(-0.5), { multiplier: -(1 << 30), shift: 0 });
  for (const real of [1e-9, 0.0003, 0.7, 1.0001, 37.5, 123456.789]) {
    const { multiplier, shift } = quantizeMultiplier(real);
    assert.ok(multiplier >= 1 << 30 && multiplier <= int32Max);
    assert.ok(Math.abs((multiplier * 2 ** (shift - 31)) / real - 1) < 2 ** -30);
  }
});

test('fractions and exponents recompose, also next to powers of two and for subnormal numbers', () => {
  for (const x of [
    1,
    2,
    0.5,
    1 - 2 ** -53,
    1 + 2 ** -52,
    2 ** 1000,
    2 ** -1074,
    2 ** -1022,
    1e-310,
    -3.7,
    1e308,
  ]) {
    const { fraction, exponent } = splitExponent(x);
    assert.ok(Math.abs(fraction) >= 0.5 && Math.abs(fraction) < 1, `${x}`);
    assert.equal(fraction * 2 ** Math.ceil(exponent / 2) * 2 ** Math.floor(exponent / 2), x);
  }
});

test('halves round away from zero', () => {
  assert.deepEqual([0.5, -0.5, 1.5, -1.5, 2.4, -2.6].map(roundAwayFromZero), [1, -1, 2, -2, 2, -3]);
});

test('the fixed-point functions approximate the real ones', () => {
  const close = (actual: number, expected: number, error: number) =>
    assert.ok(Math.abs(actual - expected) <= error, `${actual} is not ${expected}`);
  const q0 = 2 ** 31;
  for (let x = -15.9; x < 0; x += 0.37) {
    close(expOnNegativeValues(Math.round(x * 2 ** 26), 5) / q0, Math.exp(x), 1e-6);
  }
  for (let x = -7.9; x < 8; x += 0.41) {
    const raw = Math.round(x * 2 ** 27);
    close(logistic(raw, 4) / q0, 1 / (1 + Math.exp(-x)), 1e-6);
    close(hyperbolicTangent(raw, 4) / q0, Math.tanh(x), 1e-6);
  }
  for (const x of [1, 1.3, 2, 7.7, 100, 4000]) {
    const raw = Math.round(x * 2 ** 19);
    const { reciprocal: scale, bitsOverUnit } = reciprocal(raw, 12);
    close((scale / q0) * 2 ** -bitsOverUnit, 1 / x, 1e-6);
    close(logarithm(raw, 12, 5) / 2 ** 26, Math.log(x), 1e-5);
  }
  for (const x of [2, 3, 10, 12345, 1 << 29, int32Max]) {
    const { multiplier, shift } = inverseSquareRoot(x);
    close((multiplier / q0) * 2 ** shift * Math.sqrt(x), 1, 1e-4);
  }
  assert.deepEqual(inverseSquareRoot(1), { multiplier: int32Max, shift: 0 });
});
