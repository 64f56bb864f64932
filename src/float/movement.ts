import { elementCount, type Tensor, typedArray } from '../graph/graph.ts';
import { batchToSpaceNd } from '../operators/batch_to_space_nd.ts';
import { broadcastTo } from '../operators/broadcast_to.ts';
import { depthToSpace } from '../operators/depth_to_space.ts';
import { gather } from '../operators/gather.ts';
import { gatherNd } from '../operators/gather_nd.ts';
import { mirrorPad } from '../operators/mirror_pad.ts';
import { joiningMoves } from '../operators/moves.ts';
import { inputOf, type Node, type OperatorDefinition, outputOf } from '../operators/operator.ts';
import { paddedMap } from '../operators/pad.ts';
import { resolveAxis } from '../operators/requirements.ts';
import { resizeNearestNeighbor } from '../operators/resize_nearest_neighbor.ts';
import { reverseV2 } from '../operators/reverse_v2.ts';
import { slice } from '../operators/slice.ts';
import { spaceToBatchMap } from '../operators/space_to_batch_nd.ts';
import { spaceToDepth } from '../operators/space_to_depth.ts';
import { split } from '../operators/split.ts';
import { splitV } from '../operators/split_v.ts';
import { stridedSlice } from '../operators/strided_slice.ts';
import { tile } from '../operators/tile.ts';
import { transpose } from '../operators/transpose.ts';
import { unpack } from '../operators/unpack.ts';
import { defineFloat, type FloatOperator } from './operator.ts';

/** Operators that only move numbers. */

function pick(values: Float32Array, map: ArrayLike<number>, filling = 0): Float32Array {
  const result = new Float32Array(map.length);
  for (let at = 0; at < result.length; at++) {
    const from = map[at] as number;
    result[at] = from < 0 ? filling : (values[from] as number);
  }
  return result;
}

const same = (kind: string): FloatOperator =>
  defineFloat({
    kind,
    prepare:
      () =>
      ([input]) => [(input as Float32Array).slice()],
  });

/**
 * The integer reference moves whatever elements it is given: given each element's own index, it says once where
 * everything goes (below 2²⁴ elements, which float32 counts exactly).
 */
const moved = (definition: OperatorDefinition, position = 0): FloatOperator =>
  defineFloat({
    kind: definition.kind,
    prepare(node) {
      const indices = Float32Array.from(
        { length: elementCount(inputOf(node, position).shape) },
        (_, at) => at,
      );
      const elementsOf = (tensor: Tensor | null) =>
        tensor === null || tensor.data === null ? null : typedArray(tensor.type, tensor.data);
      const inputs = node.inputs.map((tensor, at) => (at === position ? indices : elementsOf(tensor)));
      const maps = definition.reference(node, inputs).map((map) => Int32Array.from(map as Float32Array));
      return (values) => maps.map((map) => pick(values[position] as Float32Array, map));
    },
  });

/** Inputs side by side along the axis that the options name. */
const joined = (kind: string): FloatOperator =>
  defineFloat<{ readonly axis: number }>({
    kind,
    prepare(node) {
      const { shape } = outputOf(node);
      const axis = resolveAxis(node, node.options.axis, shape.length);
      const moves = joiningMoves(node, elementCount(shape.slice(0, axis)));
      return (inputs) => {
        const result = new Float32Array(elementCount(shape));
        for (const { input, map } of moves) {
          const values = inputs[input] as Float32Array;
          for (let at = 0; at < map.length; at++) {
            const from = map[at] as number;
            if (from >= 0) result[at] = values[from] as number;
          }
        }
        return [result];
      };
    },
  });

const padded = (
  kind: string,
  mapOf: (node: Node) => Int32Array,
  filling: (node: Node, inputs: readonly (Float32Array | null)[]) => number,
) =>
  defineFloat({
    kind,
    prepare(node) {
      const map = mapOf(node);
      return (inputs) => [pick(inputs[0] as Float32Array, map, filling(node, inputs))];
    },
  });

/** State is changed in place. */
const assigned = defineFloat({
  kind: 'ASSIGN_VARIABLE',
  prepare:
    () =>
    ([variable, value]) => {
      (variable as Float32Array).set(value as Float32Array);
      return [];
    },
});

export const movements: readonly FloatOperator[] = [
  same('READ_VARIABLE'),
  assigned,
  same('RESHAPE'),
  same('SQUEEZE'),
  same('EXPAND_DIMS'),
  moved(transpose),
  moved(slice),
  moved(stridedSlice),
  moved(gather),
  moved(split, 1),
  moved(unpack),
  moved(mirrorPad),
  moved(spaceToDepth),
  moved(depthToSpace),
  moved(resizeNearestNeighbor),
  moved(batchToSpaceNd),
  moved(splitV),
  moved(reverseV2),
  moved(gatherNd),
  moved(broadcastTo),
  moved(tile),
  joined('CONCATENATION'),
  joined('PACK'),
  padded('PAD', paddedMap, () => 0),
  padded('PADV2', paddedMap, (_, inputs) => inputs[2]?.[0] ?? 0),
  padded('SPACE_TO_BATCH_ND', spaceToBatchMap, () => 0),
];
