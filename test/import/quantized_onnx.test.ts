import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { bytesOf, type Graph, type Tensor, type TypedArray, tensorAt } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { fixtures, sha256 } from '../golden/golden.ts';
import { shared, withShared } from '../shared.ts';
import {
  firstInput,
  fixtureBytes,
  generatedInput,
  kinds,
  onnxModel,
  type SmallModel,
  type SmallNode,
} from './float_models.ts';

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

const quantized: NonNullable<SmallModel['constants']> = {
  scale: { shape: [], values: [0.5] },
  zero: { shape: [], values: [3], type: 3 },
  unsigned: { shape: [], values: [131], type: 2 },
};
const quantize = (input: string, output: string, zero = 'zero'): SmallNode => ({
  kind: 'QuantizeLinear',
  inputs: [input, 'scale', zero],
  outputs: [output],
});
const dequantize = (input: string, output: string, zero = 'zero'): SmallNode => ({
  kind: 'DequantizeLinear',
  inputs: [input, 'scale', zero],
  outputs: [output],
});

/** Between two QuantizeLinear of one scale, from `a` to `b`; constants besides those of `quantized`. */
function between(
  nodes: readonly SmallNode[],
  constants: SmallModel['constants'] = {},
  input: readonly number[] = [1, 4],
): SmallModel {
  return {
    input,
    constants: { ...quantized, ...constants },
    nodes: [quantize('x', 'q'), dequantize('q', 'a'), ...nodes, quantize('b', 'r'), dequantize('r', 'y')],
  };
}

test('functions of one number become one table, and a ReLU a clamp', () => {
  const swish = imported(
    onnxModel(
      between([
        { kind: 'Sigmoid', inputs: ['a'], outputs: ['s'] },
        { kind: 'Mul', inputs: ['a', 's'], outputs: ['b'] },
      ]),
    ),
  );
  assert.deepEqual(kinds(swish), ['QUANTIZE', 'TABLE', 'DEQUANTIZE']);
  const input = bytesOf(Float32Array.of(-3, 0.2, 1, 70));
  const [output] = interpret(swish, [input]).outputs;
  // 1 / (1 + e) of the number on its grid of 0.5, rounded to the grid; beyond 62 it saturates.
  assert.deepEqual([...new Float32Array(Uint8Array.from(output as Uint8Array).buffer)], [0, 0, 0.5, 62]);
});

/** onnxruntime 1.32 declares the first, and has no kernel for it. */
test('QLinearReduceMean, and QuantizeLinear of com.microsoft, are those of the standard', () => {
  const domain = 'com.microsoft';
  const own = {
    ...between([
      {
        kind: 'QLinearReduceMean',
        domain,
        inputs: ['q', 'scale', 'zero', 'scale', 'zero'],
        outputs: ['mean'],
        attributes: { axes: [1], keepdims: 0 },
      },
      { kind: 'DequantizeLinear', domain, inputs: ['mean', 'scale', 'zero'], outputs: ['c'] },
      { kind: 'QuantizeLinear', domain, inputs: ['c', 'scale', 'zero'], outputs: ['again'] },
      { kind: 'DequantizeLinear', domain, inputs: ['again', 'scale', 'zero'], outputs: ['b'] },
    ]),
    domains: [domain],
  };
  const graph = imported(onnxModel(own));
  assert.deepEqual(kinds(graph), ['QUANTIZE', 'MEAN', 'DEQUANTIZE']);
  // In steps of 0.5: the mean of 1, 2, 2 and 5 lies halfway between 2 and 3; 2 is even.
  const input = bytesOf(Float32Array.of(0.5, 1, 1, 2.5));
  const [output] = interpret(graph, [input]).outputs;
  assert.deepEqual([...new Float32Array(Uint8Array.from(output as Uint8Array).buffer)], [1]);
});

test('integers that the file reads as they were written pass without a layer', () => {
  const graph = imported(onnxModel(between([{ kind: 'Identity', inputs: ['a'], outputs: ['b'] }])));
  assert.deepEqual(kinds(graph), ['QUANTIZE', 'DEQUANTIZE']);
});

test('uint8 inputs and outputs stay so, and compute as int8', () => {
  const graph = imported(
    onnxModel({
      input: [1, 4],
      inputType: 2,
      constants: quantized,
      nodes: [
        dequantize('x', 'a', 'unsigned'),
        { kind: 'Relu', inputs: ['a'], outputs: ['b'] },
        quantize('b', 'r', 'unsigned'),
        dequantize('r', 'y', 'unsigned'),
      ],
    }),
  );
  assert.deepEqual(kinds(graph), ['QUANTIZE', 'TABLE', 'DEQUANTIZE']);
  assert.equal(firstInput(graph).type, 'uint8');
  const [output] = interpret(graph, [Uint8Array.of(0, 131, 132, 255)]).outputs;
  assert.deepEqual([...new Float32Array(Uint8Array.from(output as Uint8Array).buffer)], [0, 0, 0.5, 62]);
});

test('what has no kernel is one sentence that says what to do', () => {
  const refusal = (model: SmallModel): string => {
    try {
      imported(onnxModel(model));
    } catch (error) {
      assert.ok(error instanceof DeployError, String(error));
      assert.equal(error.kind, 'input');
      return error.message;
    }
    return assert.fail('it was imported');
  };
  const weights = (zeroPoint: number): SmallModel =>
    between(
      [
        { kind: 'DequantizeLinear', inputs: ['w', 'scale', 'wz'], outputs: ['v'] },
        { kind: 'MatMul', inputs: ['a', 'v'], outputs: ['b'] },
      ],
      {
        w: { shape: [4, 2], values: [0, 255, 1, 2, 3, 4, 5, 6], type: 2 },
        wz: { shape: [], values: [zeroPoint], type: 2 },
      },
    );
  const cases: readonly (readonly [SmallModel, RegExp])[] = [
    [weights(100), /its weights are not int8 around a zero point of 0 .*Quantize the weights symmetrically/],
    [
      between([quantize('a', 'i', 'wide'), dequantize('i', 'b', 'wide')], {
        wide: { shape: [], values: [0], type: 5 },
      }),
      /quantization to int16 is not supported\. Quantize activations and weights to 8 bits/,
    ],
    [
      between([{ kind: 'QuantizeLinear', inputs: ['a', 'a', 'zero'], outputs: ['i'] }, dequantize('i', 'b')]),
      /the scale \(input 1\) is not a constant\. Quantize statically/,
    ],
    [
      between([
        { kind: 'DynamicQuantizeLinear', inputs: ['a'], outputs: ['i', 's', 'z'] },
        { kind: 'DequantizeLinear', inputs: ['i', 's', 'z'], outputs: ['b'] },
      ]),
      /quantized dynamically: scales are computed anew .*Quantize it statically/,
    ],
    [
      between(
        [quantize('a', 'i'), { kind: 'DequantizeLinear', inputs: ['i', 'other', 'zero'], outputs: ['b'] }],
        {
          other: { shape: [], values: [0.25] },
        },
      ),
      /reads integers of scale 0\.5 as if their scale was 0\.25/,
    ],
    [
      between([quantize('a', 'i'), dequantize('i', 'b')], { scale: { shape: [], values: [0] } }),
      /a quantization scale is not a positive number/,
    ],
    [
      between([quantize('a', 'i'), dequantize('i', 'b')], { scale: { shape: [4], values: [1, 2, 3, 4] } }),
      /activations with 4 scales are not supported/,
    ],
    [
      { ...between([]), inputType: 3, nodes: [{ kind: 'Relu', inputs: ['x'], outputs: ['y'] }] },
      /a model input of type int8 is not supported/,
    ],
  ];
  for (const [model, expected] of cases) assert.match(refusal(model), expected);
  assert.deepEqual(kinds(imported(onnxModel(weights(128)))), ['QUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE']);
});
