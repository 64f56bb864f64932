import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { peerResult, readPeers } from '../../bench/peers.ts';
import { type Results, renderResults, renderSummary } from '../../bench/results.ts';

const peers = readPeers();
const ours: Results = {
  date: '2026-01-02',
  commit: '0123456789ab-dirty',
  versions: { node: '24.0.0' },
  figures: [
    { what: 'quick', value: 0.4, unit: 's', limit: 0.5 },
    { what: 'big', value: 7, unit: 'MB', limit: 6 },
  ],
  generalization: {
    firstSeed: 12,
    targets: [
      {
        target: 'cortex-m4f',
        networks: 8,
        bitExact: true,
        ours: 1,
        random: 1.25,
        oursNominal: 1,
        randomNominal: 1.35,
      },
    ],
  },
  results: [
    {
      model: 'ad01_int8',
      target: 'cortex-m4f',
      optimize: 'balanced',
      instructions: 976_240,
      cycles: { estimate: 1_200_000, low: 1_100_000, high: 1_300_000 },
      flashBytes: 280_000,
      arenaBytes: 768,
      stackBytes: 640,
      ramBytes: 1_000,
      bitExact: true,
    },
  ],
};

describe('the peers', () => {
  test('were all measured: four models, five cores, two kinds of kernels', () => {
    assert.equal(peers.results.length, 4 * 5 * 2);
    assert.equal(
      new Set(peers.results.map((row) => JSON.stringify([row.target, row.model, row.kernels]))).size,
      40,
    );
  });

  test('are found by model, target and kernels', () => {
    const of = { model: 'ad01_int8', target: 'cortex-m4f' };
    assert.equal(peerResult(peers, of, 'tflm-reference')?.instructions, 1_952_481);
    assert.equal(peerResult(peers, of, 'tflm-cmsis-nn')?.instructions, 582_970);
    assert.equal(peerResult(peers, { ...of, target: 'cortex-m85' }, 'tflm-reference'), undefined);
  });
});

describe('RESULTS.md', () => {
  const markdown = renderResults(ours, peers);

  test('says when a limit is missed', () => {
    assert.match(markdown, /\| quick \| 0\.40 s \| 0\.5 s \| kept \|/);
    assert.match(markdown, /\| big \| 7\.0 MB \| 6 MB \| \*\*missed\*\* \|/);
  });

  test('puts ours beside the peers', () => {
    assert.ok(
      markdown.includes(
        '| cortex-m4f | ad01_int8 | balanced | 976,240 | 3.70 | 1,200,000 | 1,952,481 | 2.00 | 582,970 | 0.60 | yes |',
      ),
    );
    assert.ok(
      markdown.includes(
        '| cortex-m4f | ad01_int8 | balanced | 280,000 | 296,640 | 304,448 | 1,000 | 3,452 | 4,128 |',
      ),
    );
  });

  test('marks the goals that are missed, with the stack beyond 600 bytes in RAM', () => {
    assert.ok(
      markdown.includes(
        '| cortex-m4f | ad01_int8 | balanced | 976,240 ✖ | 460,000 | 808 ✖ | 800 | 280,000 ✖ | 276,000 |',
      ),
    );
    const size = {
      ...ours,
      results: ours.results.map((row) => ({ ...row, optimize: 'size' as const, target: 'cortex-m7' })),
    };
    assert.ok(
      renderResults(size, peers).includes(
        '| cortex-m7 | ad01_int8 | size | 976,240 |  | 808 | 900 | 280,000 ✖ | 276,000 |',
      ),
    );
    const m0 = {
      ...ours,
      results: ours.results.map((row) => ({ ...row, optimize: 'speed' as const, target: 'cortex-m0plus' })),
    };
    // 60% of 1,763,245.
    assert.ok(renderResults(m0, peers).includes('| 976,240 | 1,057,947 |'));
  });

  test('marks a core on which other networks take more than 1.3 times as much', () => {
    assert.ok(markdown.includes('| cortex-m4f | 1.00 | 1.25 | 1.25 | 1.00 | 1.35 | 1.35 ✖ | yes |'));
  });

  test('has other engines, and cycles that were published beside our estimates', () => {
    assert.ok(
      markdown.includes(
        "| ad01_int8 | TinyEngine 47bb283c | 771,905 | 976,240 | 280,524 | 280,000 | 27 of 640 bytes are TFLM's: it requantizes with floats |",
      ),
    );
    const fast = { ...ours, results: ours.results.map((row) => ({ ...row, optimize: 'speed' as const })) };
    assert.ok(
      renderResults(fast, peers).includes(
        '| cortex-m4f | ad01_int8 | 1.20 | 1.10 to 1.30 | 0.49 | Plumerai, v1.1 | STM32L4R5, 120 MHz |',
      ),
    );
  });

  test('has a summary of one core for the README', () => {
    assert.ok(
      renderSummary(ours, peers, 'cortex-m4f').includes(
        '| ad01_int8 | 976,240 | 1,952,481 | 582,970 | 280,000 | 304,448 | 1,000 | 4,128 |',
      ),
    );
    assert.ok(!renderSummary(ours, peers, 'cortex-m3').includes('ad01_int8'));
  });

  test('shows a model that was not counted as not counted', () => {
    const uncounted = { ...ours, results: ours.results.map((row) => ({ ...row, instructions: null })) };
    assert.ok(
      renderResults(uncounted, peers).includes(
        '| ad01_int8 | balanced | — |  | 1,200,000 | 1,952,481 |  | 582,970 |  | yes |',
      ),
    );
  });
});
