import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Graph, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { importKeras } from '../../src/import/keras.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { fixtures } from '../golden/golden.ts';

/** Recurrent ONNX models against onnxruntime; test/state/make_recurrent_models.py wrote both. */

interface GoldenRun {
  /** Little-endian hex of float32 elements. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
}

const folder = join(fixtures, 'recurrent');
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as {
  readonly models: Readonly<Record<string, readonly GoldenRun[]>>;
};

function imported(name: string): Graph {
  const file = `${name}.onnx`;
  const graph = importOnnx(readFileSync(join(folder, file)), { file, name });
  checkOperators(graph);
  return graph;
}

function floats(bytes: Uint8Array): number[] {
  return Array.from(typedArray('float32', bytes) as Float32Array);
}

test('every recurrent model has golden outputs', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.onnx'));
  assert.deepEqual(
    files.sort(),
    Object.keys(golden.models)
      .map((name) => `${name}.onnx`)
      .sort(),
  );
});

for (const [name, runs] of Object.entries(golden.models))
  test(`${name} equals onnxruntime to the last digits`, () => {
    const graph = imported(name);
    assert.equal(runs.length, 3);
    for (const { inputs, outputs } of runs) {
      const given = graph.inputs.map((index) => {
        const hex = inputs[tensorAt(graph, index).name];
        assert.ok(hex !== undefined, tensorAt(graph, index).name);
        return new Uint8Array(Buffer.from(hex, 'hex'));
      });
      const result = interpret(graph, given).outputs;
      assert.equal(result.length, outputs.length);
      for (const [at, hex] of outputs.entries()) {
        const [ours, theirs] = [floats(result[at] as Uint8Array), floats(Buffer.from(hex, 'hex'))];
        assert.equal(ours.length, theirs.length);
        const worst = Math.max(...ours.map((value, index) => Math.abs(value - (theirs[index] as number))));
        assert.ok(worst < 2e-6, `output ${at} differs by ${worst}`);
      }
    }
  });

test('state that comes in and goes out makes a long sequence of single steps', () => {
  const graph = imported('gru_streaming');
  const shapes = graph.inputs.map((index) => tensorAt(graph, index).shape.join());
  assert.deepEqual(shapes, ['1,1,5', '1,1,6']);
  assert.equal(graph.operators.filter(({ kind }) => kind === 'UNIDIRECTIONAL_SEQUENCE_LSTM').length, 0);
});

const keras = JSON.parse(readFileSync(join(folder, 'keras_golden.json'), 'utf8')) as {
  readonly models: Readonly<Record<string, { readonly input: string; readonly output: string }>>;
};

for (const [name, { input, output }] of Object.entries(keras.models))
  test(`${name} without TensorFlow equals Keras to the last digits`, () => {
    const file = `${name}.keras`;
    const graph = importKeras(readFileSync(join(folder, file)), { file, name });
    assert.ok(graph !== null, 'the layers are known');
    checkOperators(graph);
    const [result] = interpret(graph, [new Uint8Array(Buffer.from(input, 'hex'))]).outputs;
    const [ours, theirs] = [floats(result as Uint8Array), floats(Buffer.from(output, 'hex'))];
    assert.equal(ours.length, theirs.length);
    for (const [at, value] of ours.entries())
      assert.ok(Math.abs(value - (theirs[at] as number)) < 1e-6, `element ${at}`);
  });
