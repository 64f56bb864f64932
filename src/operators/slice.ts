import type { TypedArray } from '../graph/graph.ts';
import { stridedIndices, stridesOf } from './broadcast.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape } from './requirements.ts';

/** First index and extent along each dimension; a size of −1 reaches to the end. */
export function sliceWindow(node: Node): {
  readonly begin: readonly number[];
  readonly size: readonly number[];
} {
  const { shape } = inputOf(node, 0);
  const begin = constantIntegers(node, 1);
  const size = constantIntegers(node, 2).map((extent, axis) =>
    extent === -1 ? (shape[axis] ?? 0) - (begin[axis] ?? 0) : extent,
  );
  return { begin, size };
}

/** For each output element the input element. */
function sliceMap(node: Node): ElementMap {
  const { input, output } = movedTensors(node);
  const { begin } = sliceWindow(node);
  const strides = stridesOf(input.shape);
  const start = begin.reduce((sum, from, axis) => sum + from * (strides[axis] as number), 0);
  return stridedIndices(output.shape, strides, start);
}

export const slice = defineOperator<null>({
  kind: 'SLICE',
  code: 65,
  supports: 'any type, input and output, constant begin and size',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [3, 3], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    const { begin, size } = sliceWindow(node);
    const outside = input.shape.some(
      (extent, axis) =>
        !((begin[axis] as number) >= 0 && (size[axis] as number) >= 1) ||
        (begin[axis] as number) + (size[axis] as number) > extent,
    );
    if (outside || begin.length !== input.shape.length)
      throw invalid(
        node,
        `the slice at [${begin.join(', ')}] of [${size.join(', ')}] is outside its input`,
        input,
      );
    requireShape(node, output, size);
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, sliceMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: sliceMap(node) }),
});
