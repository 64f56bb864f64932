import { elementCount, type TypedArray } from '../graph/graph.ts';
import { type Activation, readActivation } from './activation.ts';
import { emptyLike, requireMovable } from './movement.ts';
import { joiningMoves, lowerMoves } from './moves.ts';
import { defineOperator, inputOf, outputOf, unsupported } from './operator.ts';
import { invalid, requireCounts, requireShape, resolveAxis, withoutAxis } from './requirements.ts';

export interface ConcatenationOptions {
  readonly axis: number;
  readonly activation: Activation;
}

export const concatenation = defineOperator<ConcatenationOptions>({
  kind: 'CONCATENATION',
  code: 2,
  supports: 'any type, inputs and output of the same scale',
  readOptions: (options) => ({ axis: options.int32(0), activation: readActivation(options, 1) }),

  check(node) {
    requireCounts(node, [1, 64], 1);
    const output = outputOf(node);
    const axis = resolveAxis(node, node.options.axis, output.shape.length);
    let along = 0;
    for (const position of node.inputs.keys()) {
      const input = inputOf(node, position);
      requireMovable(node, input, output, [1, 8]);
      along += input.shape[axis] ?? 0;
      requireShape(
        node,
        { ...input, shape: withoutAxis(input.shape, axis) },
        withoutAxis(output.shape, axis),
      );
    }
    if (along !== output.shape[axis])
      throw invalid(
        node,
        `the inputs give ${along} along dimension ${axis}, not ${output.shape[axis]}`,
        output,
      );
    if (node.options.activation !== 'none')
      throw unsupported(node, 'a fused activation is not supported', null, 'Make it a layer of its own.');
  },

  reference(node, inputs): TypedArray[] {
    const output = outputOf(node);
    const axis = resolveAxis(node, node.options.axis, output.shape.length);
    const outer = elementCount(output.shape.slice(0, axis));
    const result = emptyLike(inputs[0] as TypedArray, elementCount(output.shape));
    let at = 0;
    for (let row = 0; row < outer; row++) {
      for (const input of inputs as TypedArray[]) {
        const length = input.length / outer;
        result.set(input.subarray(row * length, (row + 1) * length) as never, at);
        at += length;
      }
    }
    return [result];
  },

  lower(node) {
    const axis = resolveAxis(node, node.options.axis, outputOf(node).shape.length);
    return lowerMoves(node, joiningMoves(node, elementCount(outputOf(node).shape.slice(0, axis))));
  },
});
