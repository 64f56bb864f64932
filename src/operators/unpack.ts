import type { TypedArray } from '../graph/graph.ts';
import { mapByAxis, pickElements, range, requireMovable } from './movement.ts';
import { defineOperator, inputOf } from './operator.ts';
import {
  invalid,
  noKernelYet,
  requireCounts,
  requireShape,
  resolveAxis,
  withoutAxis,
} from './requirements.ts';

export interface UnpackOptions {
  readonly axis: number;
}

export const unpack = defineOperator<UnpackOptions>({
  kind: 'UNPACK',
  code: 88,
  supports: 'int8 input and outputs of the same scale',
  readOptions: (options) => ({ axis: options.int32(1) }),

  check(node) {
    requireCounts(node, [1, 1], node.outputs.length);
    const input = inputOf(node, 0);
    const axis = resolveAxis(node, node.options.axis, input.shape.length);
    if (input.shape[axis] !== node.outputs.length)
      throw invalid(
        node,
        `${node.outputs.length} outputs do not fit the dimension ${input.shape[axis]}`,
        input,
      );
    for (const output of node.outputs) {
      requireMovable(node, input, output, [1, 8]);
      requireShape(node, output, withoutAxis(input.shape, axis));
    }
  },

  reference(node, inputs): TypedArray[] {
    const { shape } = inputOf(node, 0);
    const axis = resolveAxis(node, node.options.axis, shape.length);
    return node.outputs.map((_, position) => {
      const axes = shape.map((extent, at) => (at === axis ? [position] : range(extent)));
      return pickElements(inputs[0] as Int8Array, mapByAxis(shape, axes));
    });
  },

  lower(node) {
    throw noKernelYet(node);
  },
});
