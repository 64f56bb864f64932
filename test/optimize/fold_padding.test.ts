import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { foldPadding } from '../../src/optimize/fold_padding.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { buildModel, int8Bytes, int32Bytes } from '../import/build_model.ts';
import { replay } from '../plan/replay.ts';
import { paddedNetwork } from './padded_network.ts';
import { assertSameOutputs } from './same_outputs.ts';

const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);
const same = { scales: [0.5], zeroPoints: [3] };

/** PAD by `edges`, then a 3×3 convolution with stride 2 that pads nothing; `reads` further readers of what is padded. */
function paddedConvolution(edges: readonly number[], outputs: readonly number[] = [5]): Graph {
  const [, , top = 0, bottom = 0, left = 0, right = 0, before = 0, after = 0] = edges;
  const [height, width] = [8 + top + bottom, 8 + left + right];
  const channels = 2 + before + after;
  const bytes = buildModel({
    tensors: [
      { shape: [1, 8, 8, 2], ...same },
      { shape: [4, 2], type: 2, data: int32Bytes(edges) },
      { shape: [1, height, width, channels], ...same },
      {
        shape: [3, 3, 3, channels],
        scales: [0.01],
        zeroPoints: [0],
        data: int8Bytes(Array.from({ length: 27 * channels }, (_, at) => ((at * 37) % 255) - 127)),
      },
      { shape: [3], type: 2, scales: [0.005], zeroPoints: [0], data: int32Bytes([40, -90, 7]) },
      { shape: [1, Math.floor((height - 1) / 2), Math.floor((width - 1) / 2), 3], ...same },
    ],
    operators: [
      { code: 34, inputs: [0, 1], outputs: [2] },
      {
        code: 3,
        inputs: [2, 3, 4],
        outputs: [5],
        options: {
          type: 1,
          fields: [
            { field: 0, int8: 1 },
            { field: 1, int32: 2 },
            { field: 2, int32: 2 },
          ],
        },
      },
    ],
    inputs: [0],
    outputs,
  });
  return importTflite(bytes, { file: 'padded.tflite', name: 'padded' });
}

const kinds = (graph: Graph) => graph.operators.map(({ kind }) => kind);

test('a convolution pads by itself what a PAD before it did, on each side as much, and the arena loses the copy', () => {
  const graph = paddedConvolution([0, 0, 1, 0, 2, 1, 0, 0]);
  const folded = foldPadding(graph);
  assert.deepEqual(kinds(folded), ['CONV_2D']);
  assertSameOutputs(graph, folded, 'padded');
  const target = findTarget('cortex-m4');
  const [with_, without] = [makePlan(graph, target, { fuse: 0 }), makePlan(folded, target, { fuse: 0 })];
  assert.ok(without.arenaBytes < with_.arenaBytes, `${without.arenaBytes} of ${with_.arenaBytes}`);
});

test('a PAD stays where a field would lie in the padding as a whole, where channels are padded, and where it is read', () => {
  for (const graph of [
    paddedConvolution([0, 0, 3, 0, 0, 0, 0, 0]),
    paddedConvolution([0, 0, 1, 1, 1, 1, 0, 2]),
    paddedConvolution([0, 0, 1, 1, 1, 1, 0, 0], [5, 2]),
  ])
    assert.equal(foldPadding(graph), graph);
});

test(`padding and clamps fold in networks that nobody designed, and no output bit and no live byte is lost, seeds from ${firstSeed}`, () => {
  const pads = { before: 0, after: 0 };
  for (let seed = firstSeed; seed < firstSeed + 40; seed += 1) {
    const graph = importTflite(paddedNetwork(seed), { file: `padded-${seed}.tflite`, name: 'padded' });
    const optimized = optimize(graph);
    const count = (of: Graph) => kinds(of).filter((kind) => kind === 'PAD').length;
    pads.before += count(graph);
    pads.after += count(optimized);
    assertSameOutputs(graph, optimized, `seed ${seed}`);
    for (const target of ['cortex-m0plus', 'cortex-m4', 'cortex-m55'])
      for (const fuse of [0, Number.POSITIVE_INFINITY])
        assert.doesNotThrow(() => replay(makePlan(optimized, findTarget(target), { fuse })), `seed ${seed}`);
  }
  // In images of a pixel or two some have to stay.
  assert.ok(pads.before > 60 && pads.after < pads.before / 4, JSON.stringify(pads));
});
