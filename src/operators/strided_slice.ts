import type { TypedArray } from '../graph/graph.ts';
import { stridedIndices, stridesOf } from './broadcast.ts';
import { clamp } from './fixed_point.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node, unsupported } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape } from './requirements.ts';

export interface StridedSliceOptions {
  /** Bit i: begin[i] is ignored, the slice starts at the edge. */
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  /** Bit i: one element of dimension i, which disappears from the shape. */
  readonly shrinkAxisMask: number;
  /** end counts from begin. */
  readonly offset: boolean;
}

/** First index, step and number of elements along each input dimension. */
export interface StridedWindow {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly counts: readonly number[];
}

export function stridedWindow(node: Node<StridedSliceOptions>): StridedWindow {
  const { beginMask, endMask, shrinkAxisMask, offset } = node.options;
  const { shape } = inputOf(node, 0);
  const [begin, end, steps] = [1, 2, 3].map((position) => constantIntegers(node, position)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  if ([begin, end, steps].some((list) => list.length !== shape.length))
    throw invalid(node, `begin, end and strides do not have ${shape.length} elements each`, inputOf(node, 1));
  if (steps.includes(0)) throw invalid(node, 'a stride is 0', inputOf(node, 3));
  const windows = shape.map((extent, axis) => {
    const step = steps[axis] as number;
    // Negative indices count from the end; a backward slice may stop at −1.
    const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
    const fromEdge = (index: number) => clamp(index < 0 ? index + extent : index, low, high);
    const bit = 1 << axis;
    const start = (beginMask & bit) !== 0 ? (step > 0 ? 0 : extent - 1) : fromEdge(begin[axis] as number);
    if ((shrinkAxisMask & bit) !== 0) return { start, count: start >= 0 && start < extent ? 1 : 0 };
    const given = (end[axis] as number) + (offset ? start : 0);
    const stop = (endMask & bit) !== 0 ? (step > 0 ? extent : -1) : fromEdge(given);
    return { start, count: Math.max(0, Math.ceil((stop - start) / step)) };
  });
  return {
    starts: windows.map(({ start }) => start),
    steps,
    counts: windows.map(({ count }) => count),
  };
}

/** For each output element the input element. */
function sliceMap(node: Node<StridedSliceOptions>): ElementMap {
  const strides = stridesOf(inputOf(node, 0).shape);
  const { starts, steps, counts } = stridedWindow(node);
  const start = starts.reduce((sum, from, axis) => sum + from * (strides[axis] as number), 0);
  const moves = steps.map((step, axis) => step * (strides[axis] as number));
  return stridedIndices(counts, moves, start);
}

export const stridedSlice = defineOperator<StridedSliceOptions>({
  kind: 'STRIDED_SLICE',
  code: 45,
  supports: 'any type, input and output, constant begin, end and strides',
  readOptions: (options) => ({
    beginMask: options.int32(0),
    endMask: options.int32(1),
    ellipsisMask: options.int32(2),
    newAxisMask: options.int32(3),
    shrinkAxisMask: options.int32(4),
    offset: options.bool(5),
  }),

  check(node) {
    requireCounts(node, [4, 4], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 5]);
    const { ellipsisMask, newAxisMask, shrinkAxisMask } = node.options;
    if (ellipsisMask !== 0 || newAxisMask !== 0)
      throw unsupported(
        node,
        'ellipsis and new-axis masks are not supported',
        null,
        'Write the slice with one index per dimension.',
      );
    const { counts } = stridedWindow(node);
    if (counts.includes(0)) throw invalid(node, 'the slice is empty', output);
    requireShape(
      node,
      output,
      counts.filter((_, axis) => (shrinkAxisMask & (1 << axis)) === 0),
    );
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, sliceMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: sliceMap(node) }),
});
