import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grouped, kibibytes, percentChange, share, signed } from '../../src/report/numbers.ts';

describe('numbers', () => {
  it('separates thousands and keeps every digit', () => {
    assert.deepEqual([0, 999, 1000, 1234567, 9007199254740991].map(grouped), [
      '0',
      '999',
      '1,000',
      '1,234,567',
      '9,007,199,254,740,991',
    ]);
  });
  it('gives KiB and MiB beside bytes', () => {
    assert.deepEqual([512, 1024, 52_144, 65_536, 1_048_576, 1_572_864].map(kibibytes), [
      '512 B',
      '1 KiB',
      '50.9 KiB',
      '64 KiB',
      '1 MiB',
      '1,536 KiB',
    ]);
  });
  it('signs changes', () => {
    assert.deepEqual([5, -1024, 0].map(signed), ['+5', '−1,024', '0']);
  });
  it('never rounds a change away', () => {
    assert.equal(percentChange(1_000_000, 1_000_001), '+<0.01%');
    assert.equal(percentChange(1_000_000, 999_999), '−<0.01%');
    assert.equal(percentChange(10_000, 10_001), '+0.01%');
    assert.equal(percentChange(100, 150), '+50.0%');
    assert.equal(percentChange(1, 50), '+4,900%');
    assert.equal(percentChange(100, 100), '');
    assert.equal(percentChange(0, 5), '');
  });
  it('never calls a part all, nor something nothing', () => {
    assert.deepEqual(
      [
        share(1, 100_000),
        share(99_999, 100_000),
        share(100_001, 100_000),
        share(1, 1),
        share(0, 5),
        share(1, 0),
      ],
      ['<0.1%', '>99.9%', '>100%', '100.0%', '0.0%', ''],
    );
  });
});
