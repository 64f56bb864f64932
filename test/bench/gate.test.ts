import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare, falseGains } from '../../bench/gate.ts';
import type { OurResult } from '../../bench/results.ts';

const row: OurResult = {
  model: 'ad01_int8',
  target: 'cortex-m4f',
  optimize: 'balanced',
  instructions: 350_000,
  cycles: { estimate: 450_000, low: 440_000, high: 460_000 },
  flashBytes: 275_000,
  arenaBytes: 768,
  stackBytes: 100,
  ramBytes: 868,
  bitExact: true,
};

describe('the gate', () => {
  test('lets the same through, and what got better', () => {
    assert.deepEqual(compare([row], [row]), { compared: 1, worse: [], better: [], lost: [] });
    const { worse, better } = compare([row], [{ ...row, instructions: 349_999, arenaBytes: 767 }]);
    assert.equal(worse.length, 0);
    assert.deepEqual(
      better.map(({ what }) => what),
      ['instructions', 'bytes of arena'],
    );
  });

  test('holds up one instruction, one byte of flash, arena or stack more', () => {
    for (const worse of [
      { instructions: 350_001 },
      { flashBytes: 275_001 },
      { arenaBytes: 769 },
      { ramBytes: 869 },
    ])
      assert.equal(compare([row], [{ ...row, ...worse }]).worse.length, 1, JSON.stringify(worse));
  });

  test('holds up what is not exact, or not counted, any more', () => {
    assert.equal(compare([row], [{ ...row, bitExact: false }]).lost.length, 1);
    assert.equal(compare([row], [{ ...row, instructions: null }]).lost.length, 1);
  });

  test('holds up fewer instructions that take more cycles: a long load-multiple is one', () => {
    const fewer = { ...row, instructions: 340_000, cycles: { estimate: 451_000, low: 0, high: 0 } };
    assert.equal(compare([row], [fewer]).worse.length, 1);
    assert.equal(falseGains([row], [fewer])[0]?.now, 451_000);
    assert.equal(falseGains([row], [{ ...fewer, instructions: 350_001 }]).length, 0);
    const noise = { ...fewer, cycles: { estimate: 450_001, low: 0, high: 0 } };
    assert.equal(falseGains([row], [noise]).length, 0);
  });

  test('compares a row with the same model, target and setting, and with nothing else', () => {
    assert.equal(compare([row], [{ ...row, optimize: 'size', instructions: 1e9 }]).compared, 0);
    assert.equal(compare([row], [{ ...row, target: 'cortex-m7', instructions: 1e9 }]).worse.length, 0);
  });
});
