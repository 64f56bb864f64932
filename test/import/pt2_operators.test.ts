import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOf, elementCount, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { importPt2 } from '../../src/import/pt2.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { fixtures } from '../golden/golden.ts';
import { fixtureBytes, turned } from './float_models.ts';

/** What PyTorch itself computed, by seed; shapes and elements as in the file: channels first. */
interface Golden {
  readonly made_with: string;
  readonly models: Readonly<
    Record<
      string,
      Readonly<
        Record<string, readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[]>
      >
    >
  >;
}

const golden = JSON.parse(readFileSync(join(fixtures, 'pt2', 'golden.json'), 'utf8')) as Golden;

/** The generator of make_pt2_models.py. */
function elements(seed: number, count: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) / 64 - 2;
  });
}

/** Made, and not read yet: whoever reads one takes it off this list. */
const refusedYet: readonly string[] = ['elu', 'exp', 'gelu', 'gelu_tanh', 'layer_norm'];

test('what is not read yet is refused in a sentence', () => {
  for (const name of refusedYet)
    assert.throws(
      () => importPt2(fixtureBytes(`pt2/${name}.pt2`), { file: `${name}.pt2`, name: 'model' }),
      /^DeployError: .*this PyTorch operator is not supported/,
    );
});

for (const [name, vectors] of Object.entries(golden.models).filter(([name]) => !refusedYet.includes(name)))
  test(`${name} of ${golden.made_with} is read as PyTorch means it`, () => {
    const graph = importPt2(fixtureBytes(`pt2/${name}.pt2`), { file: `${name}.pt2`, name: 'model' });
    for (const [seed, expected] of Object.entries(vectors)) {
      const inputs = graph.inputs.map((index, at) => {
        const input = tensorAt(graph, index);
        return bytesOf(turned(elements(Number(seed) + at, elementCount(input.shape)), input));
      });
      const { outputs } = interpret(graph, inputs);
      assert.equal(outputs.length, expected.length);
      for (const [at, wanted] of expected.entries()) {
        const output = tensorAt(graph, graph.outputs[at] ?? -1);
        const inTensorOrder = turned(Float32Array.from(wanted.values), output);
        assert.equal(elementCount(output.shape), wanted.values.length);
        const values = typedArray('float32', outputs[at] as Uint8Array) as Float32Array;
        const largest = Math.max(...wanted.values.map(Math.abs));
        for (const [place, value] of values.entries()) {
          const right = inTensorOrder[place] as number;
          assert.ok(
            Math.abs(value - right) <= 2e-6 * largest + 1e-7,
            `${name}: ${value} for ${right} at ${place}`,
          );
        }
      }
    }
  });
