import { elementCount, type TypedArray } from '../graph/graph.ts';
import { emptyLike, requireMovable } from './movement.ts';
import { joiningMoves, lowerMoves } from './moves.ts';
import { defineOperator, inputOf, outputOf } from './operator.ts';
import { invalid, requireCounts, requireShape, resolveAxis, withoutAxis } from './requirements.ts';

export interface PackOptions {
  /** The new dimension in the output. */
  readonly axis: number;
}

export const pack = defineOperator<PackOptions>({
  kind: 'PACK',
  code: 83,
  supports: 'any type, inputs and output of the same scale',
  readOptions: (options) => ({ axis: options.int32(1) }),

  check(node) {
    requireCounts(node, [1, 64], 1);
    const output = outputOf(node);
    const axis = resolveAxis(node, node.options.axis, output.shape.length);
    for (const position of node.inputs.keys()) {
      const input = inputOf(node, position);
      requireMovable(node, input, output, [0, 7]);
      requireShape(node, input, withoutAxis(output.shape, axis));
    }
    if (output.shape[axis] !== node.inputs.length)
      throw invalid(
        node,
        `${node.inputs.length} inputs do not give the dimension ${output.shape[axis]}`,
        output,
      );
  },

  reference(node, inputs): TypedArray[] {
    const output = outputOf(node);
    const axis = resolveAxis(node, node.options.axis, output.shape.length);
    const inner = elementCount(output.shape.slice(axis + 1));
    const result = emptyLike(inputs[0] as TypedArray, elementCount(output.shape));
    for (const [position, input] of (inputs as TypedArray[]).entries())
      for (let row = 0; row * inner < input.length; row++)
        result.set(
          input.subarray(row * inner, (row + 1) * inner) as never,
          (row * inputs.length + position) * inner,
        );
    return [result];
  },

  lower(node) {
    const axis = resolveAxis(node, node.options.axis, outputOf(node).shape.length);
    return lowerMoves(node, joiningMoves(node, elementCount(outputOf(node).shape.slice(0, axis))));
  },
});
