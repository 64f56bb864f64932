import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../src/operators/fixed_point.ts';
import { type SumInputs, sumLine } from '../../src/operators/sum_line.ts';

interface Scales {
  readonly inputs: readonly [number, number];
  readonly output: number;
  readonly zeroPoints: readonly [number, number];
  readonly outputZeroPoint: number;
  readonly min?: number;
}

function inputsOf({ inputs: [first, second], output, zeroPoints }: Scales): SumInputs {
  const common = 2 * Math.max(first, second);
  const multipliers = {
    leftShift: 20,
    first: quantizeMultiplier(first / common),
    second: quantizeMultiplier(second / common),
    output: quantizeMultiplier(common / (2 ** 20 * output)),
  };
  return { zeroPoints, multipliers };
}

/** TFLite's ADD, step by step. */
function exact({ zeroPoints, multipliers }: SumInputs, zeroPoint: number, min: number, a: number, b: number) {
  const scaled = (value: number, { multiplier, shift }: { multiplier: number; shift: number }): number =>
    multiplyByQuantizedMultiplier(value, multiplier, shift);
  const sum =
    scaled((a - zeroPoints[0]) << 20, multipliers.first) +
    scaled((b - zeroPoints[1]) << 20, multipliers.second);
  return clamp(scaled(sum, multipliers.output) + zeroPoint, min, 127);
}

const cases: readonly Scales[] = [
  { inputs: [0.0312, 0.0825], output: 0.0403, zeroPoints: [-128, 4], outputZeroPoint: -128 },
  { inputs: [0.05, 0.031], output: 0.071, zeroPoints: [-17, 33], outputZeroPoint: 9 },
  { inputs: [0.05, 0.031], output: 0.071, zeroPoints: [-17, 33], outputZeroPoint: 9, min: 9 },
  { inputs: [0.004, 1.7], output: 1.2, zeroPoints: [127, -128], outputZeroPoint: 0 },
  { inputs: [0.3, 0.2], output: 0.002, zeroPoints: [0, 1], outputZeroPoint: -3 },
  { inputs: [0.01, 0.012], output: 3, zeroPoints: [5, 1], outputZeroPoint: -3 },
  // Every other sum is a tie.
  { inputs: [0.5, 0.5], output: 1, zeroPoints: [0, 0], outputZeroPoint: 0 },
];

test('a line gives what TFLite gives, for every pair of inputs', () => {
  let found = 0;
  for (const scales of cases) {
    const inputs = inputsOf(scales);
    const { outputZeroPoint: zeroPoint, min = -128 } = scales;
    const line = sumLine(inputs, { zeroPoint, min, max: 127 });
    if (line === null) continue;
    found += 1;
    for (let a = -128; a < 128; a += 1)
      for (let b = -128; b < 128; b += 1) {
        const sum: number = a * line.first + b * line.second + line.offset;
        assert.ok(Math.abs(sum) < 2 ** 31, `${sum} leaves the word`);
        assert.equal(
          clamp(sum >> line.shift, min, 127),
          exact(inputs, zeroPoint, min, a, b),
          `${a} + ${b} with ${JSON.stringify(scales)}`,
        );
      }
  }
  assert.ok(found >= 4, `${found} lines found`);
});

test('ties that go away from zero on both sides are met by a line that is a little steeper', () => {
  const tied = cases.at(-1) as Scales;
  const line = sumLine(inputsOf(tied), { zeroPoint: 0, min: -128, max: 127 });
  assert.ok(line !== null && line.first > 2 ** (line.shift - 1));
});
