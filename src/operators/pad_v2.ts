import { elementCount, type TypedArray, typedArray } from '../graph/graph.ts';
import { movedTensors, pickElements, requireMovable } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf } from './operator.ts';
import { paddedMap } from './pad.ts';
import { requirePaddedShape } from './padded_edges.ts';
import {
  invalid,
  requireCounts,
  requireSameQuantization,
  requireShape,
  requireType,
} from './requirements.ts';

export const padV2 = defineOperator<null>({
  kind: 'PADV2',
  code: 60,
  supports: 'any type, input and output of the same scale, constant paddings and value',
  readOptions: () => null,

  check(node) {
    requireCounts(node, [3, 3], 1);
    const { input, output } = movedTensors(node);
    requireMovable(node, input, output, [1, 5]);
    const filling = inputOf(node, 2);
    requireType(node, filling, [output.type]);
    requireSameQuantization(node, filling, output);
    requireShape(node, { ...filling, shape: [elementCount(filling.shape)] }, [1]);
    if (filling.data === null) throw invalid(node, 'the padding value is not constant', filling);
    requirePaddedShape(node);
  },

  reference(node, inputs): TypedArray[] {
    const filling = Number((inputs[2] as TypedArray)[0]);
    return [pickElements(inputs[0] as TypedArray, paddedMap(node), filling)];
  },

  lower(node) {
    const { data, type } = inputOf(node, 2);
    const [filling] = data === null ? [0] : typedArray(type, data);
    return lowerMove(node, { input: 0, output: 0, map: paddedMap(node) }, Number(filling));
  },
});
