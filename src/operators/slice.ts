import type { TypedArray } from '../graph/graph.ts';
import { stridedIndices, stridesOf } from './broadcast.ts';
import { movedTensors, pickElements, requireMovable } from './movement.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, noKernelYet, requireCounts, requireShape } from './requirements.ts';

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

export const slice = defineOperator<null>({
  kind: 'SLICE',
  code: 65,
  supports: 'int8 input and output, constant begin and size',
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
    const { input, output } = movedTensors(node);
    const { begin } = sliceWindow(node);
    const strides = stridesOf(input.shape);
    const start = begin.reduce((sum, from, axis) => sum + from * (strides[axis] as number), 0);
    return [pickElements(inputs[0] as Int8Array, stridedIndices(output.shape, strides, start))];
  },

  lower(node) {
    throw noKernelYet(node);
  },
});
