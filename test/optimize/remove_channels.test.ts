import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { channelRanges } from '../../src/optimize/channel_ranges.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { removeChannels } from '../../src/optimize/remove_channels.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { buildModel, int8Bytes, int32Bytes } from '../import/build_model.ts';
import { mlperfTiny, sharedModel, withShared } from '../shared.ts';

const same = { scales: [0.5], zeroPoints: [0] };

/**
 * 2×2 image, 1 channel → 1×1 convolution to 3 channels with ReLU → `filter`² convolution to 1 channel. The second of the
 * three is below zero for every input, so that ReLU makes it constant; nothing reads the third.
 */
function threeChannels(filter: number, constant: number): Graph {
  const taps = filter * filter;
  const weights = { scales: [0.25], zeroPoints: [0] };
  const bytes = buildModel({
    tensors: [
      { shape: [1, 4, 4, 1], ...same },
      { shape: [3, 1, 1, 1], ...weights, data: int8Bytes([4, 3, 2]) },
      { shape: [3], type: 2, scales: [0.125], zeroPoints: [0], data: int32Bytes([0, constant, 0]) },
      { shape: [1, 4, 4, 3], ...same },
      {
        shape: [1, filter, filter, 3],
        ...weights,
        data: int8Bytes(Array.from({ length: taps }, (_, tap) => [tap + 1, 5, 0]).flat()),
      },
      { shape: [1], type: 2, scales: [0.125], zeroPoints: [0], data: int32Bytes([7]) },
      { shape: [1, 4, 4, 1], ...same },
    ],
    operators: [
      { code: 3, inputs: [0, 1, 2], outputs: [3], options: { type: 1, fields: convolution(1) } },
      { code: 3, inputs: [3, 4, 5], outputs: [6], options: { type: 1, fields: convolution(0) } },
    ],
    inputs: [0],
    outputs: [6],
  });
  return importTflite(bytes, { file: 'three.tflite', name: 'three' });
}

/** Padding SAME, strides 1. */
function convolution(activation: number) {
  return [
    { field: 1, int32: 1 },
    { field: 2, int32: 1 },
    { field: 3, int8: activation },
  ];
}

function assertSameOutputs(before: Graph, after: Graph, what: string): void {
  const inputs = [
    ...[1, 2, 3, 4].map((seed) => seededInputs(before, seed)),
    ...cornerInputs(before).map((corner) => corner.inputs),
  ];
  for (const each of inputs)
    assert.deepEqual(interpret(after, each).outputs, interpret(before, each).outputs, what);
}

const channelsBetween = (graph: Graph) => graph.tensors[3]?.shape.at(-1);

test('a channel that ReLU holds at zero and one that nothing reads are removed', () => {
  const graph = threeChannels(3, -100_000);
  assert.deepEqual(channelRanges(graph).get(3)?.[1], { low: 0, high: 0 });
  const rewritten = removeChannels(graph);
  assert.equal(channelsBetween(rewritten), 1);
  assertSameOutputs(graph, rewritten, 'three channels');
});

test('a constant other than zero moves into the bias where no padding takes its place', () => {
  const graph = threeChannels(1, 100_000);
  assert.deepEqual(channelRanges(graph).get(3)?.[1], { low: 127, high: 127 });
  const rewritten = removeChannels(graph);
  assert.equal(channelsBetween(rewritten), 1);
  assertSameOutputs(graph, rewritten, 'pointwise');
});

test('a constant other than zero stays where padding takes its place at the edge', () => {
  const graph = threeChannels(3, 100_000);
  const rewritten = removeChannels(graph);
  assert.equal(channelsBetween(rewritten), 2);
  assertSameOutputs(graph, rewritten, 'padded');
});

test('no rewrite changes an output bit of any single-operator model', () => {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'ops');
  const files = readdirSync(folder).filter((file) => file.endsWith('.tflite'));
  assert.ok(files.length > 60);
  let compared = 0;
  for (const file of files) {
    let graph: Graph;
    try {
      graph = importTflite(readFileSync(join(folder, file)), { file, name: 'model' });
    } catch {
      continue; // refused by the importer: another test holds the list
    }
    assertSameOutputs(graph, optimize(graph), file);
    compared += 1;
  }
  assert.ok(compared > 60);
});

for (const model of mlperfTiny)
  test(`${model} keeps every output bit`, (t) => {
    if (!withShared(t)) return;
    const graph = sharedModel(model);
    const rewritten = optimize(graph);
    assertSameOutputs(graph, rewritten, model);
    const widths = rewritten.operators
      .filter(({ kind }) => kind === 'CONV_2D')
      .map(({ outputs }) => rewritten.tensors[outputs[0] ?? -1]?.shape.at(-1));
    if (model === 'vww_96_int8')
      assert.deepEqual(widths, [8, 16, 32, 32, 64, 60, 108, 60, 32, 20, 16, 28, 32, 24]);
    else assert.equal(rewritten, graph);
  });
