import { elementCount } from '../graph/graph.ts';
import type { Loops } from './loops.ts';
import type { ElementMap } from './movement.ts';
import { inputOf, type Node, outputOf } from './operator.ts';
import { constantIntegers, invalid, requireShape } from './requirements.ts';

/**
 * SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: each pixel of a block becomes an image of a batch of its own, and back. The wide
 * image is [N, H, W, C] or [N, H, C]; of the batched one, block height × block width × N images of one pixel per block,
 * image (row × block width + column) × N + n holds row and column of each block of image n.
 */
export interface BatchedBlocks {
  readonly wide: Image;
  readonly batched: Image;
  readonly block: Pair;
  /** Rows and columns of blocks that lie before the wide image's first. */
  readonly before: Pair;
  readonly after: Pair;
}

interface Image {
  readonly batches: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

interface Pair {
  readonly height: number;
  readonly width: number;
}

/** More than dilations of real networks; each is a call of its own. */
const mostBlocks = 1024;

/** `wide`: whether the node's input is the wide image, or its output. Input 1 is the block's shape, input 2 what lies around [spatial, 2]. */
export function batchedBlocksOf(node: Node, wide: 'input' | 'output'): BatchedBlocks {
  const input = imageOf(inputOf(node, 0).shape);
  const output = imageOf(outputOf(node).shape);
  const spatial = inputOf(node, 0).shape.length - 2;
  const block = constantIntegers(node, 1);
  const around = constantIntegers(node, 2);
  if (block.length !== spatial || around.length !== 2 * spatial || around.some((each) => each < 0))
    throw invalid(
      node,
      `the block [${block.join(', ')}] and what is around it, [${around.join(', ')}], do not fit rank ${spatial + 2}`,
      inputOf(node, 1),
    );
  const [height = 1, width = 1] = block;
  if (height < 1 || width < 1 || height * width > mostBlocks)
    throw invalid(node, `the block is [${block.join(', ')}]`, inputOf(node, 1));
  const [top = 0, bottom = 0, left = 0, right = 0] = around;
  return {
    wide: wide === 'input' ? input : output,
    batched: wide === 'input' ? output : input,
    block: { height, width },
    before: { height: top, width: left },
    after: { height: bottom, width: right },
  };
}

function imageOf(shape: readonly number[]): Image {
  const [batches = 1, height = 1, ...others] = shape;
  return { batches, height, width: others.length > 1 ? (others[0] ?? 1) : 1, channels: others.at(-1) ?? 1 };
}

/** The output must have the shape that block and surroundings give. */
export function requireBatchedBlocks(node: Node, wide: 'input' | 'output'): void {
  const { wide: image, batched, block, before, after } = batchedBlocksOf(node, wide);
  const given = outputOf(node);
  const isFlat = given.shape.length === 3;
  const expected =
    wide === 'input'
      ? {
          batches: image.batches * block.height * block.width,
          height: (image.height + before.height + after.height) / block.height,
          width: (image.width + before.width + after.width) / block.width,
        }
      : {
          batches: batched.batches / (block.height * block.width),
          height: batched.height * block.height - before.height - after.height,
          width: batched.width * block.width - before.width - after.width,
        };
  const channels = inputOf(node, 0).shape.at(-1) ?? 1;
  requireShape(node, given, [
    expected.batches,
    expected.height,
    ...(isFlat ? [] : [expected.width]),
    channels,
  ]);
}

/** For each element of the batched image the one of the wide image, −1 around it. */
export function wideIndexOfBatched({ wide, batched, block, before }: BatchedBlocks): ElementMap {
  const map = new Int32Array(elementCount([batched.batches, batched.height, batched.width, wide.channels]));
  let at = 0;
  for (let image = 0; image < batched.batches; image++) {
    const place = Math.floor(image / wide.batches);
    for (let i = 0; i < batched.height; i++)
      for (let j = 0; j < batched.width; j++) {
        const y = i * block.height + Math.floor(place / block.width) - before.height;
        const x = j * block.width + (place % block.width) - before.width;
        const isInside = y >= 0 && y < wide.height && x >= 0 && x < wide.width;
        const pixel = ((image % wide.batches) * wide.height + y) * wide.width + x;
        for (let channel = 0; channel < wide.channels; channel++)
          map[at++] = isInside ? pixel * wide.channels + channel : -1;
      }
  }
  return map;
}

/** For each element of the wide image the one of the batched image. */
export function batchedIndexOfWide({ wide, batched, block, before }: BatchedBlocks): ElementMap {
  const map = new Int32Array(elementCount([wide.batches, wide.height, wide.width, wide.channels]));
  let at = 0;
  for (let n = 0; n < wide.batches; n++)
    for (let y = before.height; y < before.height + wide.height; y++)
      for (let x = before.width; x < before.width + wide.width; x++) {
        const place = (y % block.height) * block.width + (x % block.width);
        const [i, j] = [Math.floor(y / block.height), Math.floor(x / block.width)];
        const pixel = ((place * wide.batches + n) * batched.height + i) * batched.width + j;
        for (let channel = 0; channel < wide.channels; channel++) map[at++] = pixel * wide.channels + channel;
      }
  return map;
}

/** The loops that move each pixel of the block's image: from wide to batched. Those of which nothing is inside are left out. */
export function loopsOfBlocks(blocks: BatchedBlocks): readonly Loops[] {
  const { wide, batched, block, before } = blocks;
  const found: Loops[] = [];
  for (let row = 0; row < block.height; row++)
    for (let column = 0; column < block.width; column++) {
      const rows = stepsInside(batched.height, block.height, row - before.height, wide.height);
      const columns = stepsInside(batched.width, block.width, column - before.width, wide.width);
      if (rows.count <= 0 || columns.count <= 0) continue;
      const y = rows.first * block.height + row - before.height;
      const x = columns.first * block.width + column - before.width;
      const image = (row * block.width + column) * wide.batches;
      const { channels } = wide;
      found.push({
        inputStart: (y * wide.width + x) * channels,
        outputStart: ((image * batched.height + rows.first) * batched.width + columns.first) * channels,
        loops: [
          {
            extent: wide.batches,
            inputStride: wide.height * wide.width * channels,
            outputStride: batched.height * batched.width * channels,
          },
          {
            extent: rows.count,
            inputStride: block.height * wide.width * channels,
            outputStride: batched.width * channels,
          },
          { extent: columns.count, inputStride: block.width * channels, outputStride: channels },
          { extent: channels, inputStride: 1, outputStride: 1 },
        ],
      });
    }
  return found;
}

/** The steps k of `steps` for which k × stride + start lies in [0, extent). */
function stepsInside(
  steps: number,
  stride: number,
  start: number,
  extent: number,
): { readonly first: number; readonly count: number } {
  const first = Math.max(0, Math.ceil(-start / stride));
  const end = Math.min(steps, Math.ceil((extent - start) / stride));
  return { first, count: end - first };
}
