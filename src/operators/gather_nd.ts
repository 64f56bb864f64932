import { elementCount, type TypedArray } from '../graph/graph.ts';
import { stridesOf } from './broadcast.ts';
import { type ElementMap, movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape } from './requirements.ts';

/** Input 1 [.., depth] holds positions along the first `depth` dimensions; each picks what lies behind it. */
function depthOf(node: Node): number {
  return inputOf(node, 1).shape.at(-1) ?? 1;
}

/** For each output element the input element. */
function gatheredMap(node: Node): ElementMap {
  const { shape } = inputOf(node, 0);
  const depth = depthOf(node);
  const positions = constantIntegers(node, 1);
  const strides = stridesOf(shape);
  const length = elementCount(shape.slice(depth));
  const map = new Int32Array((positions.length / depth) * length);
  for (let at = 0; at < map.length; at++) {
    const row = Math.floor(at / length) * depth;
    let from = at % length;
    for (let axis = 0; axis < depth; axis++)
      from += (positions[row + axis] as number) * (strides[axis] as number);
    map[at] = from;
  }
  return map;
}

export const gatherNd = defineOperator<null>({
  kind: 'GATHER_ND',
  code: 107,
  supports: 'any type, input and output of the same scale, constant positions',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [2, 2], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 8]);
    const depth = depthOf(node);
    if (inputOf(node, 1).shape.length < 1 || depth > input.shape.length)
      throw invalid(node, `positions of ${depth} dimensions do not fit the input`, inputOf(node, 1));
    const isOutside = (position: number, at: number): boolean =>
      !(position >= 0 && position < (input.shape[at % depth] as number));
    if (constantIntegers(node, 1).some(isOutside))
      throw invalid(node, `a position is outside [${input.shape.join(', ')}]`, inputOf(node, 1));
    requireShape(node, output, [...inputOf(node, 1).shape.slice(0, -1), ...input.shape.slice(depth)]);
  },

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, gatheredMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: gatheredMap(node) }),
});
