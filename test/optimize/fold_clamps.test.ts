import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { foldClamps } from '../../src/optimize/fold_clamps.ts';
import { buildModel } from '../import/build_model.ts';
import { assertSameOutputs } from './same_outputs.ts';

const RELU = 19;
const RELU6 = 21;
const codeOfMaximum = 55;

/** x + x with the fused activation of that number, then the activation as an operator. */
function addThen(
  code: number,
  { activation = 0, scale = 0.05, outputs = [2] as readonly number[] } = {},
): Graph {
  const bytes = buildModel({
    tensors: [
      { shape: [1, 16], scales: [0.04], zeroPoints: [5] },
      { shape: [1, 16], scales: [0.05], zeroPoints: [-20] },
      { shape: [1, 16], scales: [scale], zeroPoints: [-20] },
    ],
    operators: [
      {
        code: 0,
        inputs: [0, 0],
        outputs: [1],
        options: { type: 11, fields: [{ field: 0, int8: activation }] },
      },
      code === codeOfMaximum ? { code, inputs: [1, 1], outputs: [2] } : { code, inputs: [1], outputs: [2] },
    ],
    inputs: [0],
    outputs,
  });
  return importTflite(bytes, { file: 'add.tflite', name: 'add' });
}

test('a ReLU by itself becomes the clamp of the operator before it', () => {
  for (const [code, activation] of [
    [RELU, 'relu'],
    [RELU6, 'relu6'],
  ] as const) {
    const graph = addThen(code);
    const folded = foldClamps(graph);
    assert.deepEqual(
      folded.operators.map(({ kind, options }) => [kind, options]),
      [['ADD', { activation }]],
    );
    assertSameOutputs(graph, folded, activation);
  }
});

test('of two clamps one is left that does what both did', () => {
  for (const [code, before, after] of [
    [RELU6, 1, 'relu6'],
    [RELU, 3, 'relu6'],
    [RELU, 1, 'relu'],
  ] as const) {
    const graph = addThen(code, { activation: before });
    const folded = foldClamps(graph);
    assert.deepEqual(
      folded.operators.map(({ options }) => options),
      [{ activation: after }],
    );
    assertSameOutputs(graph, folded, after);
  }
});

test('a ReLU stays that requantizes, that has no one clamp for both, or whose input is read by somebody else', () => {
  for (const graph of [
    addThen(RELU, { scale: 0.06 }),
    // 0 … 1 is the range of no activation.
    addThen(RELU, { activation: 2 }),
    addThen(RELU, { outputs: [2, 1] }),
    addThen(codeOfMaximum),
  ])
    assert.equal(foldClamps(graph), graph);
});
