import type { Tensor, TypedArray } from '../graph/graph.ts';
import { defineOperator, type Node, type OperatorDefinition } from './operator.ts';
import {
  checkReduceOf,
  lowerReduction,
  type ReduceOptions,
  readReduceOptions,
  reducedExtremes,
} from './reduction.ts';
import { requireType } from './requirements.ts';

function requireTruth(node: Node, tensor: Tensor): void {
  requireType(node, tensor, ['bool']);
}

/** Truths are bytes of 0 and 1: all of them hold where the least does, any where the greatest does. */
function reduction(
  kind: string,
  code: number,
  kernel: 'reduce_min' | 'reduce_max',
  initial: number,
  better: (a: number, b: number) => number,
): OperatorDefinition {
  return defineOperator<ReduceOptions>({
    kind,
    code,
    supports: 'bool, constant axes',
    readOptions: readReduceOptions,
    check: (node) => checkReduceOf(node, requireTruth),
    reference: (node, inputs): TypedArray[] => [
      Uint8Array.from(reducedExtremes(node, Int8Array.from(inputs[0] as Uint8Array), initial, better)),
    ],
    lower: (node) => lowerReduction(node, kernel, {}),
  });
}

export const reduceAll = reduction('REDUCE_ALL', 140, 'reduce_min', 1, Math.min);
export const reduceAny = reduction('REDUCE_ANY', 91, 'reduce_max', 0, Math.max);
