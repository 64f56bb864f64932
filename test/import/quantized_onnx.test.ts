import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOf, type Graph, type Tensor, type TypedArray, tensorAt } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { fixtures, sha256 } from '../golden/golden.ts';
import { shared, withShared } from '../shared.ts';
import { firstInput, fixtureBytes, generatedInput, kinds } from './float_models.ts';

/** Results of onnxruntime with its optimizations off. */
interface Golden {
  readonly vectors: readonly { readonly seed: number; readonly output: string }[];
  readonly layers_seed_1: readonly { readonly op: string; readonly sha256: string }[];
}

const golden = JSON.parse(readFileSync(join(fixtures, 'quantized_onnx_golden.json'), 'utf8')) as Readonly<
  Record<string, Golden>
>;

function imported(bytes: Uint8Array): Graph {
  const graph = importOnnx(bytes, { file: 'm.onnx', name: 'm' });
  checkOperators(graph);
  return graph;
}

/** Digests of a tensor as the file has it: channels first, and as uint8 too. */
function digests(tensor: Tensor, values: TypedArray): string[] {
  const { shape } = tensor;
  const [channels, pixels] = [shape.at(-1) ?? 1, (shape[1] ?? 1) * (shape[2] ?? 1)];
  const from = (at: number): number =>
    shape.length === 4 ? (at % pixels) * channels + Math.floor(at / pixels) : at;
  const inFile = Uint8Array.from({ length: values.length }, (_, at) => Number(values[from(at)]));
  return [sha256(inFile), sha256(inFile.map((value) => value ^ 0x80))];
}

function compare(graph: Graph, expected: Golden): void {
  for (const { seed, output } of expected.vectors) {
    const input = bytesOf(generatedInput(firstInput(graph), seed));
    const { outputs, tensors } = interpret(graph, [input]);
    assert.equal(sha256(outputs[0] as Uint8Array), output, `seed ${seed}`);
    if (seed !== 1) continue;
    const ours = new Set(
      [...tensors].flatMap(([index, values]) =>
        tensorAt(graph, index).type === 'int8' ? digests(tensorAt(graph, index), values) : [],
      ),
    );
    for (const [at, { op, sha256: layer }] of expected.layers_seed_1.entries())
      assert.ok(ours.has(layer), `layer ${at} (${op}) differs`);
  }
}

for (const [file, expected] of Object.entries(golden))
  test(`${file}: every quantized tensor and the logits are onnxruntime's, bit for bit`, () => {
    const graph = imported(fixtureBytes(file));
    assert.equal(graph.rounding, 'single');
    assert.deepEqual(kinds(graph), [
      'QUANTIZE',
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'CONV_2D',
      'MAX_POOL_2D',
      'CONV_2D',
      'ADD',
      'MEAN',
      'FULLY_CONNECTED',
      'DEQUANTIZE',
    ]);
    compare(graph, expected);
  });

test('the keyword spotting network: every quantized tensor, softmax too', (t) => {
  if (!withShared(t)) return;
  const file = join(shared, 'models', 'kws_qdq_int8.onnx');
  const facts = JSON.parse(readFileSync(join(shared, 'vectors', 'kws_qdq_int8.onnx.json'), 'utf8'));
  const graph = imported(new Uint8Array(readFileSync(file)));
  compare(graph, {
    vectors: facts.vectors.map(
      (vector: { readonly seed: number; readonly outputs: readonly [{ readonly sha256: string }] }) => ({
        seed: vector.seed,
        output: vector.outputs[0].sha256,
      }),
    ),
    layers_seed_1: facts.layers_seed_1,
  });
});
