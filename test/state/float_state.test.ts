import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { elementCount, type Graph, stateOf, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import { fixtures } from '../golden/golden.ts';
import { interpretSequence, type Sequences } from './sequences.ts';

/** Float models with state: LSTM, SVDF and variables, against TensorFlow Lite Micro over sequences. */

const folder = join(fixtures, 'recurrent');
const golden = JSON.parse(readFileSync(join(folder, 'float_sequences.json'), 'utf8')) as Sequences;

function imported(name: string): Graph {
  const file = `${name}.tflite`;
  return importTflite(readFileSync(join(folder, file)), { file, name });
}

function floats(hex: string): number[] {
  return Array.from(typedArray('float32', new Uint8Array(Buffer.from(hex, 'hex'))) as Float32Array);
}

test('every float model with state has golden sequences', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('_float.tflite'));
  assert.deepEqual(files.map((file) => basename(file, '.tflite')).sort(), Object.keys(golden.models).sort());
});

for (const [name, { seeds, corners, refused }] of Object.entries(golden.models)) {
  test(`${name}: inference after inference within 10⁻⁵ of TensorFlow Lite Micro`, () => {
    assert.equal(refused, undefined);
    const graph = imported(name);
    checkOperators(graph);
    assert.ok(stateOf(graph).length > 0);
    for (const { labels, outputs } of [seeds, corners])
      for (const [at, hex] of interpretSequence(graph, labels).entries()) {
        const [ours, theirs] = [floats(hex), floats(outputs[at] ?? '')];
        assert.equal(ours.length, theirs.length);
        for (const [index, value] of ours.entries()) {
          const exact = theirs[index] as number;
          assert.ok(
            Math.abs(value - exact) <= 1e-5 * Math.max(1, Math.abs(exact)),
            `${labels[at]}, ${index}: ${value}, ${exact}`,
          );
        }
      }
  });

  test(`${name}: quantized, with its state`, () => {
    const graph = imported(name);
    let random = 7;
    const next = () => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      return 1.5 * (random / 2 ** 31 - 1);
    };
    const samples = Array.from({ length: 48 }, () =>
      graph.inputs.map((index) =>
        Float32Array.from({ length: elementCount(tensorAt(graph, index).shape) }, next),
      ),
    );
    const { graph: made, decibels } = quantize(graph, samples, { ...defaultOptions, range: 'min-max' });
    assert.ok(decibels > 20, `${decibels} dB`);
    assert.deepEqual([...new Set(stateOf(made).map(({ type }) => type))], ['int8']);
  });
}
