import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Graph, type Tensor, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { pythonWith } from '../oracle.ts';

/** A live comparison with onnxruntime, its optimizations off, on random quantized models. */

const script = join(import.meta.dirname, '..', 'golden', 'make_quantized_onnx.py');
const models = 420;

interface Expected {
  /** All scales are powers of two. */
  readonly exact: boolean;
  readonly samples: readonly { readonly inputs: readonly string[]; readonly outputs: readonly string[] }[];
}

/** Bytes of the file's elements as the tensor has them, or back. */
function turnedBytes(bytes: Uint8Array, { shape, fileOrder, type }: Tensor, back = false): Uint8Array {
  if (fileOrder === undefined) return bytes;
  const width = type === 'float32' ? 4 : 1;
  const fileShape = shape.map((_, dim) => shape[fileOrder.indexOf(dim)] as number);
  const result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length / width; at += 1) {
    const position: number[] = [];
    let rest = at;
    for (const size of shape.toReversed()) {
      position.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    const place = fileShape.reduce(
      (sum, size, dim) => sum * size + (position[fileOrder.indexOf(dim)] as number),
      0,
    );
    const [to, from] = back ? [place, at] : [at, place];
    result.set(bytes.subarray(from * width, (from + 1) * width), to * width);
  }
  return result;
}

interface Comparison {
  readonly elements: number;
  readonly different: number;
  /** In steps of the output. */
  readonly most: number;
}

function compare(graph: Graph, expected: Expected): Comparison {
  let [elements, different, most] = [0, 0, 0];
  for (const sample of expected.samples) {
    const inputs = graph.inputs.map((index, position) =>
      turnedBytes(Uint8Array.from(Buffer.from(sample.inputs[position] ?? '', 'hex')), tensorAt(graph, index)),
    );
    const { outputs } = interpret(graph, inputs);
    for (const [position, index] of graph.outputs.entries()) {
      const tensor = tensorAt(graph, index);
      const theirs = Uint8Array.from(Buffer.from(sample.outputs[position] ?? '', 'hex'));
      const ours = turnedBytes(outputs[position] as Uint8Array, tensor, true);
      assert.equal(ours.length, theirs.length);
      const [a, b] = [typedArray(tensor.type, ours), typedArray(tensor.type, theirs)];
      const writer = graph.operators.find((operator) => operator.outputs.includes(index));
      const scale =
        tensor.type === 'float32'
          ? (tensorAt(graph, writer?.inputs[0] ?? -1).quantization?.scales[0] ?? 1)
          : 1;
      elements += a.length;
      for (let at = 0; at < a.length; at += 1) {
        if (a[at] === b[at]) continue;
        different += 1;
        most = Math.max(most, Math.abs(Number(a[at]) - Number(b[at])) / scale);
      }
    }
  }
  return { elements, different, most };
}

/**
 * What onnxruntime computes in integers, or element by element in float32, is defined to the last bit. Sums of float32 in an
 * order of its own, and its approximations of exp, may fall on the other side of a tie.
 */
const defined = /^(conv_qlinear|matmul_qlinear|qgemm|averages_qlinear|binary_qdq|pools|joins|moves)/;
const mostDifferent = 0.005;
/** QLinearSoftmax sums exponentials from a table: about 3 in 100, more in a small sample. */
const mostDifferentSoftmax = 0.12;

test('random quantized models: every output is onnxruntime live', async (t) => {
  const python = pythonWith(t, ['onnx', 'onnxruntime']);
  if (python === null) return;
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-onnxruntime-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const first = Number(process.env.TINYML_SEED ?? Math.floor(Math.random() * 1e6));
  execFileSync(python, [script, folder, String(first), String(models)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kinds = new Map<string, Comparison & { readonly models: number }>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.onnx'))) {
    const name = file.replace(/\.onnx$/, '');
    const graph = importOnnx(readFileSync(join(folder, file)), { file, name: 'm' });
    checkOperators(graph);
    const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Expected;
    const result = compare(graph, expected);
    const kind = `${name.replace(/_\d+$/, '')}${expected.exact ? ', powers of two' : ''}`;
    const before = kinds.get(kind) ?? { elements: 0, different: 0, most: 0, models: 0 };
    kinds.set(kind, {
      elements: before.elements + result.elements,
      different: before.different + result.different,
      most: Math.max(before.most, result.most),
      models: before.models + 1,
    });
    if (defined.test(name)) assert.equal(result.different, 0, `${name} (TINYML_SEED=${first})`);
    assert.ok(result.most <= 1.001, `${name} is ${result.most} steps off (TINYML_SEED=${first})`);
  }
  for (const [kind, { models: count, elements, different }] of [...kinds].sort()) {
    t.diagnostic(`${kind}: ${count} models, ${different} of ${elements} outputs differ by one step`);
    const most = kind.startsWith('softmax_qlinear') ? mostDifferentSoftmax : mostDifferent;
    assert.ok(different <= most * elements, `${kind} (TINYML_SEED=${first})`);
  }
});
