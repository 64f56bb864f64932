import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensorAt } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { toIntegerBytes } from '../../src/quantize/encoding.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { onnxModel } from '../import/float_models.ts';

/** A classifier that ends in the position of its largest output: integers leave the quantized network, too. */

const samples = [
  [-1, 0.5, 1, 0],
  [1, 0.5, -1, 0],
  [0, 0, -1, -1],
  [-0.5, -0.5, 1, 1],
].map((values) => [Float32Array.from(values)]);

for (const [kind, last, expected] of [
  ['ArgMax', 0, [2, 0, 0, 2]],
  ['ArgMax', 1, [2, 0, 1, 3]],
  ['ArgMin', 0, [0, 2, 2, 0]],
  ['ArgMin', 1, [0, 2, 3, 1]],
] as const)
  test(`${kind} behind a layer is quantized, the ${last === 1 ? 'last' : 'first'} of equal elements found`, () => {
    const bytes = onnxModel({
      input: [1, 4],
      constants: { w: { shape: [4, 4], values: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } },
      nodes: [
        { kind: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] },
        {
          kind,
          inputs: ['h'],
          outputs: ['y'],
          attributes: { axis: 1, keepdims: 0, select_last_index: last },
        },
      ],
    });
    const { graph } = quantize(importOnnx(bytes, { file: 'm.onnx', name: 'm' }), samples);
    const { type, quantization } = tensorAt(graph, graph.inputs[0] ?? -1);
    assert.equal(type, 'int8');
    assert.ok(quantization !== null);
    const found = samples.map(([x]) => {
      const given = toIntegerBytes(x as Float32Array, 'int8', quantization);
      return new Int32Array((interpret(graph, [given]).outputs[0] as Uint8Array).slice().buffer)[0];
    });
    assert.deepEqual(found, expected);
  });
