import { broadcastIndices } from '../operators/broadcast.ts';
import { relationOf } from '../operators/comparisons.ts';
import { inputOf, type Node, outputOf } from '../operators/operator.ts';
import { withBroadcastCondition } from '../operators/select.ts';
import { defineFloat, elements, type FloatOperator } from './operator.ts';

/** Truths are 0 and 1 here. */

function relation(kind: string, holds: (a: number, b: number) => boolean): FloatOperator {
  return defineFloat({
    kind,
    prepare(node) {
      const [first, second] = [inputOf(node, 0), inputOf(node, 1)];
      const fromA = broadcastIndices(first, outputOf(node));
      const fromB = broadcastIndices(second, outputOf(node));
      return (inputs) => {
        const [a, b] = [elements(inputs[0], first), elements(inputs[1], second)];
        return [
          Float32Array.from(fromA, (from, at) =>
            Number(holds(a[from] as number, b[fromB[at] as number] as number)),
          ),
        ];
      };
    },
  });
}

const not = defineFloat({
  kind: 'LOGICAL_NOT',
  prepare:
    (node) =>
    ([truths]) => [elements(truths, inputOf(node, 0)).map((truth) => Number(truth === 0))],
});

function selection(kind: 'SELECT' | 'SELECT_V2'): FloatOperator {
  return defineFloat({
    kind,
    prepare(given) {
      const node: Node = withBroadcastCondition(given, kind === 'SELECT');
      const tensors = [0, 1, 2].map((position) => inputOf(node, position));
      const [ofCondition, ofFirst, ofSecond] = tensors.map((tensor) =>
        broadcastIndices(tensor, outputOf(node)),
      ) as [Int32Array, Int32Array, Int32Array];
      return (inputs) => {
        const [condition, first, second] = tensors.map((tensor, at) => elements(inputs[at], tensor)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        return [
          Float32Array.from(ofCondition, (from, at) =>
            condition[from] !== 0
              ? (first[ofFirst[at] as number] as number)
              : (second[ofSecond[at] as number] as number),
          ),
        ];
      };
    },
  });
}

export const choices: readonly FloatOperator[] = [
  ...[...relationOf].map(([kind, holds]) => relation(kind, holds)),
  not,
  selection('SELECT'),
  selection('SELECT_V2'),
];
