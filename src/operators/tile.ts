import type { TypedArray } from '../graph/graph.ts';
import { type ElementMap, mapByAxis, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape } from './requirements.ts';

/** For each output element the input element. Input 1 says how often each dimension repeats. */
function tiledMap(node: Node): ElementMap {
  const { shape } = inputOf(node, 0);
  const times = constantIntegers(node, 1);
  return mapByAxis(
    shape,
    shape.map((extent, axis) =>
      Array.from({ length: extent * (times[axis] as number) }, (_, position) => position % extent),
    ),
  );
}

export const tile = defineOperator<null>({
  kind: 'TILE',
  code: 69,
  supports: 'any type, input and output of the same scale, constant repetitions',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    const times = constantIntegers(node, 1);
    if (times.length !== input.shape.length || times.some((each) => each < 1))
      throw invalid(
        node,
        `the repetitions [${times.join(', ')}] do not fit rank ${input.shape.length}`,
        inputOf(node, 1),
      );
    requireShape(
      node,
      output,
      input.shape.map((extent, axis) => extent * (times[axis] as number)),
    );
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, tiledMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: tiledMap(node) }),
});
