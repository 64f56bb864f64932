import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  parseBytes,
  parseCycles,
  parseEnergy,
  parseGrowth,
  parseInstructions,
  parsePercent,
  parseSeconds,
} from '../../src/project/units.ts';

const place = { file: 'tinyml.yml', line: 2, column: 9 };

describe('parseBytes', () => {
  it('reads B, KiB, MiB and plain numbers', () => {
    for (const [written, bytes] of [
      ['64 KiB', 65_536],
      ['64KiB', 65_536],
      ['1.5 KiB', 1536],
      ['1 MiB', 1_048_576],
      ['100 B', 100],
      ['65,536', 65_536],
      ['65_536 B', 65_536],
      [65_536, 65_536],
    ] as const)
      assert.equal(parseBytes(written, place), bytes, String(written));
  });
  it('takes the whole bytes that fit into a fraction', () => {
    assert.equal(parseBytes('0.3 KiB', place), 307);
  });
  it('refuses units that mean two things, and says why', () => {
    for (const written of ['64k', '64 KB', '64 kB', '1 MB', '2M'])
      assert.throws(
        () => parseBytes(written, place),
        /means 1,000s to some and 1,024s to others\. Write [KM]iB/,
      );
  });
  it('refuses what is no size', () => {
    for (const written of [
      '',
      'many',
      '-1',
      '1e9',
      '64 kib',
      '1,00',
      '0',
      0,
      -5,
      '64 KiB ram',
      '64 constructor',
    ])
      assert.throws(
        () => parseBytes(written, place),
        /^DeployError: tinyml\.yml:2:9: .*is not understood/,
        String(written),
      );
  });
  it('refuses what no number can hold', () => {
    assert.throws(() => parseBytes('999999999999999 MiB', place), /is not understood/);
  });
});

describe('parseInstructions', () => {
  it('reads k, M, G and groups of three', () => {
    for (const [written, count] of [
      ['1.5M', 1_500_000],
      ['1.1M', 1_100_000],
      ['2.3 M instructions', 2_300_000],
      ['900k', 900_000],
      ['1,500,000', 1_500_000],
      ['1_500_000', 1_500_000],
      ['1G', 1_000_000_000],
      [42, 42],
    ] as const)
      assert.equal(parseInstructions(written, place), count, String(written));
  });
  it('refuses a size', () => {
    assert.throws(() => parseInstructions('64 KiB', place), /Write a count such as/);
  });
});

describe('parseGrowth', () => {
  it('reads sizes and counts, with a plus or without, down to nothing', () => {
    for (const [written, of, growth] of [
      ['+2 KiB', 'size', 2048],
      ['2 KiB', 'size', 2048],
      ['+0', 'size', 0],
      [0, 'count', 0],
      ['0 B', 'size', 0],
      ['+ 10k', 'count', 10_000],
      [1024, 'size', 1024],
    ] as const)
      assert.equal(parseGrowth(written, place, of), growth, String(written));
  });
  it('refuses to shrink, and a percentage', () => {
    for (const written of ['-1 KiB', '+2%', '++1', '+'])
      assert.throws(() => parseGrowth(written, place, 'size'), /is not understood/, written);
  });
});

describe('parsePercent', () => {
  it('reads percentages with the sign that the bound has', () => {
    assert.equal(parsePercent('95%', place, { highest: 100 }), 95);
    assert.equal(parsePercent('+2.5 %', place, { sign: '+', highest: 1000 }), 2.5);
    assert.equal(parsePercent('2%', place, { sign: '+', highest: 1000 }), 2);
    assert.equal(parsePercent('-0.5%', place, { sign: '-', highest: 100 }), -0.5);
    assert.equal(parsePercent('−0.5%', place, { sign: '-', highest: 100 }), -0.5);
    assert.ok(Object.is(parsePercent('-0%', place, { sign: '-', highest: 100 }), 0));
  });
  it('refuses a number without %, another sign, and more than all', () => {
    for (const [written, sign, example] of [
      [95, undefined, '95%'],
      ['0.95', undefined, '95%'],
      ['-5%', undefined, '95%'],
      ['-5%', '+', '\\+2%'],
      ['5%', '-', '-0\\.5%'],
      ['101%', undefined, '95%'],
    ] as const)
      assert.throws(
        () => parsePercent(written, place, { ...(sign === undefined ? {} : { sign }), highest: 100 }),
        new RegExp(`is not understood\\. Write a percentage such as \`${example}\`\\.$`),
        String(written),
      );
  });
});

describe('parseSeconds', () => {
  it('reads seconds and minutes', () => {
    assert.equal(parseSeconds('60 s', place), 60);
    assert.equal(parseSeconds('2 min', place), 120);
    assert.equal(parseSeconds(90, place), 90);
  });
  it('refuses more than an hour and less than a second', () => {
    for (const written of ['61 min', '3601', '0 s', '0.5 s'])
      assert.throws(() => parseSeconds(written, place), /from 1 s to 60 min/, written);
  });
});

describe('parseCycles', () => {
  it('reads counts, and times at a clock', () => {
    assert.equal(parseCycles('2M', place), 2_000_000);
    assert.equal(parseCycles('1.5M cycles', place), 1_500_000);
    assert.equal(parseCycles('20 ms @ 80 MHz', place), 1_600_000);
    assert.equal(parseCycles('0.5s@64MHz', place), 32_000_000);
    assert.equal(parseCycles('1.1 ms @ 1 kHz', place), 1);
  });
  it('refuses a time without a clock, a clock without a unit, and less than a cycle', () => {
    for (const written of ['20 ms', '20 ms @ 80', '20 @ 80 MHz', '1 us @ 1 kHz', '1 ms @ 2 MHz @ 3 MHz', '@'])
      assert.throws(() => parseCycles(written, place), /20 ms @ 80 MHz/, written);
  });
});

describe('parseEnergy', () => {
  it('reads energies as nanojoules', () => {
    assert.equal(parseEnergy('2 mJ', place), 2_000_000);
    assert.equal(parseEnergy('1.1 uJ', place), 1_100);
    assert.equal(parseEnergy('500 µJ', place), 500_000);
    assert.equal(parseGrowth('+10 uJ', place, 'energy'), 10_000);
    assert.equal(parseGrowth('0', place, 'energy'), 0);
  });
  it('refuses one without a unit', () => {
    for (const written of [2, '2', '2 kJ', '0.1 nJ'])
      assert.throws(() => parseEnergy(written, place), /`2 mJ`/, String(written));
  });
});
