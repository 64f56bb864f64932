import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { keptPeers } from '../../bench/quantization_peers.ts';
import { renderQuantization } from '../../bench/quantization_text.ts';

const written = readFileSync(new URL('../../bench/quantization.md', import.meta.url), 'utf8');

/** Calibration samples, accuracy, percent of the same class, dB of each line of a network that begins so. */
function figures(network: string, name: string): number[][] {
  const [, rest = ''] = written.split(`## ${network}\n`);
  const [section = ''] = rest.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith(`| ${name}`))
    .map((line) => line.split('|').slice(2, -1).map(Number.parseFloat));
}

test('the page of quantization has the figures of the others that are kept', () => {
  const peers = keptPeers();
  const floats = [...new Set(peers.results.map(({ network }) => network))].map((name) => ({
    name,
    about: name,
    samples: 1,
    accuracy: 1,
  }));
  const rows = renderQuantization({ date: '', floats, ours: [], peers })
    .split('\n')
    .filter((line) => /^\| (Tensor|onnx)/.test(line));
  assert.equal(rows.length, 24);
  for (const row of rows) assert.ok(written.includes(row), row);
});

test('on that page ours keeps its bars, and is ahead of both others where that is asked for', () => {
  const [digits = []] = figures('Digits', 'Ours, `int8`');
  assert.ok((digits[1] ?? 0) >= 0.965 && (digits[3] ?? 0) >= 39.5, digits.join(' '));
  const [theirs = []] = figures('Digits', 'TensorFlow’s converter, int16');
  const [int16 = []] = figures('Digits', 'Ours, `int16`');
  assert.ok((int16[3] ?? 0) > (theirs[3] ?? Infinity), int16.join(' '));
  const words = figures('Keyword spotting', 'Ours, `int8`');
  assert.deepEqual(
    words.map(([count]) => count),
    [128, 16],
  );
  for (const [, accuracy = 0, same = 0] of words) assert.ok(accuracy >= 0.909 && same >= 98.5);
});
