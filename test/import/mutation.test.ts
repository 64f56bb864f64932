import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { isFloat } from '../../src/graph/float.ts';
import { type Graph, typedArray } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { checkedFloat } from '../../src/quantize/quantize.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { fixtures } from '../golden/golden.ts';

/** Thousands of damaged models, the same in every run: nothing but a DeployError may come out, and soon. */

const slowest = 1000;

function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** One to eight changes: a byte, a bit, a word of a value that offsets, lengths and sizes break at, a block moved or cleared. */
function mutate(original: Uint8Array, next: (limit: number) => number): Uint8Array {
  const bytes = original.slice();
  const view = new DataView(bytes.buffer);
  const telling = [
    0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
  ];
  for (let changes = 1 + next(8); changes > 0; changes--) {
    const at = next(bytes.length - 4);
    switch (next(6)) {
      case 0:
        bytes[at] = next(256);
        break;
      case 1:
        bytes[at] = (bytes[at] as number) ^ (1 << next(8));
        break;
      case 2:
        view.setUint32(at & ~3, telling[next(telling.length)] as number, true);
        break;
      case 3:
        view.setUint32(at & ~3, next(bytes.length), true);
        break;
      case 4:
        bytes.copyWithin(at, next(bytes.length - 64), next(64));
        break;
      default:
        bytes.fill(0, at, at + next(32));
    }
  }
  return next(20) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
}

/** The importer's verdict, with the time that it takes. */
function verdict(bytes: Uint8Array, what: string): Graph | null {
  const start = performance.now();
  try {
    return importTflite(bytes, { file: 'mutant.tflite', name: 'mutant' });
  } catch (error) {
    assert.ok(error instanceof DeployError, `${what}: ${error instanceof Error ? error.stack : error}`);
    assert.ok(!error.message.includes('\n'), what);
    return null;
  } finally {
    const milliseconds = performance.now() - start;
    assert.ok(milliseconds < slowest, `${what} took ${milliseconds} ms`);
  }
}

/** A mutant that has become a float model is what quantization takes, or refuses in one sentence. */
function run(graph: Graph, what: string): void {
  const inputs = seededInputs(graph, 1);
  if (!isFloat(graph)) interpret(graph, inputs);
  else
    try {
      prepareFloat(checkedFloat(graph)).run(
        inputs.map((bytes) => typedArray('float32', bytes) as Float32Array),
      );
    } catch (error) {
      assert.ok(error instanceof DeployError, `${what}: ${error instanceof Error ? error.stack : error}`);
    }
}

for (const [model, mutants] of [
  ['digits/digits_keras_int8.tflite', 2500],
  ['ops/layer_norm.tflite', 1500],
  ['ops/strided_slice.tflite', 1000],
  ['variants/transpose_conv_bias.tflite', 1000],
  ['state/lstm_time_major.tflite', 800],
  ['state/variable_call_once.tflite', 800],
  ['recurrent/svdf_rank2_float.tflite', 400],
  ['recurrent/lstm_float.tflite', 200],
] as const) {
  test(`${mutants} mutants of ${model} are refused in one sentence, or import and run`, () => {
    const original = new Uint8Array(readFileSync(join(fixtures, model)));
    let accepted = 0;
    for (let seed = 1; seed <= mutants; seed++) {
      const what = `${model}, seed ${seed}`;
      const graph = verdict(mutate(original, generator(seed * 7919)), what);
      if (graph === null) continue;
      accepted++;
      const start = performance.now();
      run(graph, what);
      const milliseconds = performance.now() - start;
      assert.ok(milliseconds < slowest, `${what} ran for ${milliseconds} ms`);
    }
    // Most changes hit weights or names: a fuzz that is always refused at the door tests only the door.
    assert.ok(accepted > mutants / 20 && accepted < mutants, `${accepted} accepted`);
  });
}
