import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { importPt2 } from '../../src/import/pt2.ts';
import type { ModelSource } from '../../src/import/tflite.ts';
import { fixtureBytes } from './float_models.ts';

/** Thousands of damaged files, the same in every run: nothing but a DeployError may come out, soon and in little memory. */

const slowest = 1000;

function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Digits become other digits in JSON; lengths, kinds and numbers change in protobuf. */
function mutate(original: Uint8Array, next: (limit: number) => number): Uint8Array {
  const bytes = original.slice();
  const telling = [0, 1, 2, 0x7f, 0x80, 0xff, 0x30, 0x39, 0x2d, 0x22, 0x7d];
  for (let changes = 1 + next(6); changes > 0; changes--) {
    const at = next(bytes.length - 64);
    switch (next(5)) {
      case 0:
        bytes[at] = next(256);
        break;
      case 1:
        bytes[at] = (bytes[at] as number) ^ (1 << next(8));
        break;
      case 2:
        bytes[at] = telling[next(telling.length)] as number;
        break;
      case 3:
        bytes.copyWithin(at, next(bytes.length - 64), next(bytes.length));
        break;
      default:
        bytes.fill(next(2) * 255, at, at + next(16));
    }
  }
  return next(20) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
}

type Importer = (bytes: Uint8Array, source: ModelSource) => Graph;

for (const [file, mutants, read, from, to] of [
  // Weights are most of a file; its structure is where they are not.
  ['digits/digits_torch.onnx', 1500, importOnnx, 0, 1],
  ['digits/digits_torch_legacy.onnx', 1500, importOnnx, 0, 1],
  ['digits/digits_torch.pt2', 800, importPt2, 0, 1],
  ['digits/digits_torch.pt2', 400, importPt2, 0.93, 1],
] as const satisfies readonly (readonly [string, number, Importer, number, number])[]) {
  test(`${mutants} mutants of ${file} from ${from} are refused in one sentence, or import`, () => {
    const original = fixtureBytes(file);
    const first = Math.floor(original.length * from);
    let accepted = 0;
    for (let seed = 1; seed <= mutants; seed++) {
      const tail = mutate(original.subarray(first, original.length * to), generator(seed * 7919));
      const bytes = new Uint8Array(first + tail.length);
      bytes.set(original.subarray(0, first));
      bytes.set(tail, first);
      const start = performance.now();
      try {
        read(bytes, { file: 'mutant', name: 'mutant' });
        accepted++;
      } catch (error) {
        assert.ok(
          error instanceof DeployError,
          `seed ${seed}: ${error instanceof Error ? error.stack : error}`,
        );
        assert.ok(!error.message.includes('\n'), `seed ${seed}`);
      }
      const milliseconds = performance.now() - start;
      assert.ok(milliseconds < slowest, `seed ${seed} took ${milliseconds} ms`);
    }
    assert.ok(accepted < mutants, 'no mutant was refused');
    if (from === 0) assert.ok(accepted > mutants / 50, `${accepted} accepted`);
  });
}
