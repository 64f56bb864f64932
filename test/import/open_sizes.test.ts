import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { isFloat } from '../../src/graph/float.ts';
import { type Graph, tensorAt } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { refuses } from '../data/refused.ts';
import { fixtures } from '../golden/golden.ts';
import { type BuiltModel, buildModel, int32Bytes } from './build_model.ts';

/** Networks whose files leave sizes open, as TensorFlow converts them, against LiteRT's reference kernels. */

interface Answers {
  readonly inputs: readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[];
  readonly outputs: readonly (readonly number[])[];
}
const folder = join(fixtures, 'open_sizes');
const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Readonly<
  Record<string, Answers>
>;

function imported(file: string, shapes: Readonly<Record<string, readonly number[]>> = {}): Graph {
  const sizes = { shapes, dimensions: {} };
  return importTflite(readFileSync(join(folder, file)), { file, name: 'm', sizes });
}

function run(graph: Graph, { inputs }: Answers): readonly (readonly number[])[] {
  if (isFloat(graph))
    return prepareFloat(graph)
      .run(inputs.map(({ values }) => Float32Array.from(values)))
      .map((output) => [...output]);
  const bytes = inputs.map(({ values }) => new Uint8Array(Int8Array.from(values).buffer));
  return interpret(graph, bytes).outputs.map((output) => [...new Int8Array(output)]);
}

const names: Readonly<Record<string, string>> = { over_time: 'accel', any_size: 'image' };

for (const [file, expected] of Object.entries(answers))
  it(`${file} computes what TensorFlow Lite computes`, () => {
    const name = names[file.replace(/_(int8|float)\.tflite$/, '')];
    const [first] = expected.inputs;
    assert.ok(first !== undefined);
    const graph = imported(file, name === undefined ? {} : { [name]: first.shape });
    assert.deepEqual(
      graph.inputs.map((index) => tensorAt(graph, index).shape),
      expected.inputs.map(({ shape }) => shape),
    );
    assert.deepEqual(
      graph.fixed?.map(({ by }) => by).filter((by) => by === 'batch').length,
      expected.inputs.length,
    );
    // LiteRT rounds the products of a dense layer once, TensorFlow Lite Micro, and so we, twice.
    const tolerance = isFloat(graph) ? 1e-6 : 1;
    for (const [position, values] of run(graph, expected).entries())
      for (const [at, value] of values.entries())
        assert.ok(
          Math.abs(value - (expected.outputs[position]?.[at] ?? Number.NaN)) <= tolerance,
          `${value}`,
        );
  });

describe('what a converter computes from an open batch', () => {
  it('is known at import, so that Flatten is nothing but another shape', () => {
    const kinds = imported('two_inputs_int8.tflite').operators.map(({ kind }) => kind);
    assert.ok(kinds.includes('RESHAPE'));
    for (const kind of ['SHAPE', 'STRIDED_SLICE', 'PACK']) assert.ok(!kinds.includes(kind), kind);
  });

  const filled = (dims: readonly number[]): BuiltModel => ({
    tensors: [
      { name: 'x', shape: [1, 3], scales: [0.5], zeroPoints: [1] },
      { name: 'dims', type: 2, shape: [2], data: int32Bytes(dims) },
      { name: 'value', shape: [], scales: [0.5], zeroPoints: [1], data: Uint8Array.of(5) },
      { name: 'filled', shape: [1, 3], scales: [0.5], zeroPoints: [1] },
      { name: 'y', shape: [1, 3], scales: [0.5], zeroPoints: [1] },
    ],
    operators: [
      { code: 94, inputs: [1, 2], outputs: [3] },
      { code: 0, inputs: [0, 3], outputs: [4], options: { type: 11, fields: [{ field: 0, int8: 0 }] } },
    ],
    inputs: [0],
    outputs: [4],
  });
  const built = (model: BuiltModel) => importTflite(buildModel(model), { file: 'm.tflite', name: 'm' });
  it('may be filled with a constant', () => {
    const graph = built(filled([1, 3]));
    assert.deepEqual(
      graph.operators.map(({ kind }) => kind),
      ['ADD'],
    );
    assert.deepEqual([...(tensorAt(graph, 3).data ?? [])], [5, 5, 5]);
  });
  it('is refused where it is not what the file says', () => {
    refuses(
      /^m\.tflite, operator FILL #0: this operator is not supported where it is not known before the model runs\. Convert/,
      () => built(filled([2, 3])),
    );
  });
});
