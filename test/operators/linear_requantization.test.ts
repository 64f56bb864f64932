import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../src/operators/fixed_point.ts';
import {
  type LinearRequantization,
  linearRequantization,
} from '../../src/operators/linear_requantization.ts';

/** What the kernels compute (runtime/kernels/line.h). */
function lineOutput(line: LinearRequantization, channel: number, accumulator: number): number {
  const nudged = accumulator + (line.nudge[channel] as number);
  const value = line.cut === null ? nudged : clamp(nudged, line.cut.from, line.cut.to);
  const multiplier = BigInt(line.multiplier[channel] as number);
  const tie = value < 0 ? (line.tie[channel] as number) : 0;
  if (line.split === 0) {
    const low = BigInt((line.offset[channel] as number) >>> 0) - BigInt(tie);
    assert.ok(low >= 0n, 'the lower word does not borrow');
    return Number(((BigInt(line.high) << 32n) + low + BigInt(value) * multiplier) >> BigInt(32 + line.shift));
  }
  const half = 2 ** line.split;
  const upper = Math.floor(Number(multiplier) / half);
  const lower = Number(multiplier) % half;
  assert.ok(Math.abs(value * lower) < 2 ** 31 && Math.abs(value * upper) < 2 ** 31, 'products fit int32');
  const product = value * upper + Math.floor((value * lower) / half);
  return Math.floor((product + (line.offset[channel] as number) - tie) / 2 ** line.shift);
}

const reals = [0.0093, 0.00381, 0.0021, 0.00077, 0.0313, 0.00519, 0.0117, 0.00029];
const ranges = [
  { zeroPoint: -128, min: -128, max: 127 },
  { zeroPoint: 5, min: -128, max: 127 },
  { zeroPoint: -30, min: -30, max: 90 },
];

for (const multiply of ['long', 'halves'] as const)
  for (const range of ranges)
    test(`a ${multiply} line equals two roundings for every accumulator, zero point ${range.zeroPoint}`, () => {
      let proven = 0;
      for (const real of reals) {
        const exact = quantizeMultiplier(real);
        const bound = Math.round(300 / real);
        const line = linearRequantization([{ exact, bound }], range, multiply);
        if (line === null) continue;
        proven += 1;
        for (let accumulator = -bound; accumulator <= bound; accumulator += 1) {
          const expected = clamp(
            multiplyByQuantizedMultiplier(accumulator, exact.multiplier, exact.shift) + range.zeroPoint,
            range.min,
            range.max,
          );
          const found = clamp(lineOutput(line, 0, accumulator), range.min, range.max);
          if (found !== expected)
            assert.equal(found, expected, `accumulator ${accumulator}, multiplier ${real}`);
        }
      }
      assert.ok(proven >= 4, `${proven} of ${reals.length} lines are proven`);
    });

test('no line is claimed where the output is constant or the accumulator has no bound', () => {
  const range = { zeroPoint: 0, min: -128, max: 127 };
  for (const multiply of ['long', 'halves'] as const) {
    assert.equal(
      linearRequantization([{ exact: quantizeMultiplier(0), bound: 1000 }], range, multiply),
      null,
    );
    const exact = quantizeMultiplier(0.001);
    assert.equal(linearRequantization([{ exact, bound: 2 ** 31 - 1 }], range, multiply), null);
  }
});
