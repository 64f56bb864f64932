import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { foldBatches } from '../../src/optimize/fold_batches.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { batchedConvolution, type Dilated, dilatedOnes } from './batched_convolution.ts';
import { assertSameOutputs } from './same_outputs.ts';

const kinds = (graph: Graph) => graph.operators.map(({ kind }) => kind);

test('batches around a convolution become its dilation, and no output bit changes', () => {
  for (const [name, given] of Object.entries(dilatedOnes)) {
    const graph = batchedConvolution(given);
    const folded = foldBatches(graph);
    assert.deepEqual(kinds(folded), [given.depthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D'], name);
    assertSameOutputs(graph, folded, name);
  }
});

test('the batched images leave the arena', () => {
  const graph = batchedConvolution({ pads: [2, 3, 1, 3], crops: [0, 1, 0, 1] });
  const target = findTarget('cortex-m4');
  const [before, after] = [makePlan(graph, target), makePlan(optimize(graph), target)];
  assert.ok(after.arenaBytes < before.arenaBytes, `${after.arenaBytes} of ${before.arenaBytes}`);
});

test('batches stay where they are read, of another block, with strides, or where the image would be cut', () => {
  for (const [name, given] of Object.entries<Dilated>({
    'read by the caller': { pads: [2, 3, 1, 3], crops: [0, 1, 0, 1], outputs: [8, 3] },
    'another block': { pads: [2, 3, 1, 3], crops: [0, 0, 0, 0], lastBlock: [3, 2] },
    strides: { pads: [2, 3, 1, 3], crops: [0, 0, 0, 0], stride: 2 },
    'more cropped than padded': { pads: [0, 1, 0, 1], crops: [1, 1, 0, 1] },
    'a field in the padding alone': { pads: [8, 1, 0, 1], crops: [0, 1, 0, 1] },
  })) {
    const graph = batchedConvolution(given);
    assert.equal(foldBatches(graph), graph, name);
  }
});
