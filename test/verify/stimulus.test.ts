import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ElementType, Graph, Tensor } from '../../src/graph/graph.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';

function tensor(index: number, type: ElementType, zeroPoint = 0): Tensor {
  const quantization = { scales: [0.5], zeroPoints: [zeroPoint], axis: 0 };
  return { index, name: `input ${index}`, type, shape: [1, 3], quantization, data: null };
}

function graphOf(...tensors: Tensor[]): Graph {
  return {
    name: 'model',
    source: { file: 'model.tflite', format: 'tflite', sha256: '', bytes: 0 },
    tensors,
    operators: [],
    inputs: tensors.map(({ index }) => index),
    outputs: [],
  };
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

// The generator from seed 1: 1015568748, 1586005467, 2165703038, 3027450565, …
test('each type takes its part of the generator, and the stream runs on through the inputs', () => {
  const states = [1015568748, 1586005467, 2165703038, 3027450565, 217083232, 1587069247];
  const top = states.map((state) => state >>> 24);
  assert.deepEqual(seededInputs(graphOf(tensor(0, 'int8'), tensor(1, 'uint8')), 1).map(hex), [
    hex(Uint8Array.from(top.slice(0, 3))),
    hex(Uint8Array.from(top.slice(3))),
  ]);
  const words = Uint16Array.from(states.slice(0, 3), (state) => state >>> 16);
  assert.equal(hex(seededInputs(graphOf(tensor(0, 'int16')), 1)[0]), hex(new Uint8Array(words.buffer)));
  const reals = Float32Array.from(states.slice(0, 3), (state) => ((state | 0) >> 24) / 64);
  assert.equal(hex(seededInputs(graphOf(tensor(0, 'float32')), 1)[0]), hex(new Uint8Array(reals.buffer)));
  const integers = Int32Array.from(states.slice(0, 3), (state) => (state | 0) >> 24);
  assert.equal(hex(seededInputs(graphOf(tensor(0, 'int32')), 1)[0]), hex(new Uint8Array(integers.buffer)));
  assert.equal(hex(seededInputs(graphOf(tensor(0, 'bool')), 1)[0]), '000001');
});

test('corners are the ends of the type and the zero point', () => {
  const corners = cornerInputs(graphOf(tensor(0, 'int8', 7), tensor(1, 'int8', -128)));
  assert.deepEqual(
    corners.map(({ label, inputs }) => [label, ...inputs.map(hex)]),
    [
      ['all lowest', '808080', '808080'],
      ['all highest', '7f7f7f', '7f7f7f'],
      ['all zero', '070707', '808080'],
    ],
  );
});
