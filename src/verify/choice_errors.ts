import { elementCount, type TypedArray } from '../graph/graph.ts';
import { broadcastIndices } from '../operators/broadcast.ts';
import { relationOf } from '../operators/comparisons.ts';
import { inputOf, type Node, outputOf } from '../operators/operator.ts';
import { withBroadcastCondition } from '../operators/select.ts';

/** What rounding errors make of truths, and of what is chosen by them. */

/** Numbers that are nearer to each other than so many standard deviations may compare either way. */
const deviations = 8;

/**
 * The errors of the output of a comparison, a logical operator, a selection or a cast of truths: 1 for a truth that may be
 * either. null for every other operator.
 */
export function choiceErrors(
  given: Node,
  values: readonly (TypedArray | null)[],
  errors: readonly (Float64Array | null)[],
): Float64Array | null {
  const { kind } = given.operator;
  const node = kind === 'SELECT' ? withBroadcastCondition(given, true) : given;
  const element = elementsOf(node, values, errors);
  const each = (f: (at: number) => number): Float64Array =>
    Float64Array.from({ length: elementCount(outputOf(node).shape) }, (_, at) => f(at));
  if (kind === 'LOGICAL_NOT' || (kind === 'CAST' && inputOf(node, 0).type === 'bool'))
    return each((at) => element(0, at).error);
  if (kind === 'LOGICAL_AND' || kind === 'LOGICAL_OR')
    return each((at) => Math.max(element(0, at).error, element(1, at).error));
  if (relationOf.has(kind))
    return each((at) => {
      const [a, b] = [element(0, at), element(1, at)];
      const error = deviations * Math.hypot(a.error, b.error);
      return Number(error > 0 && Math.abs(a.value - b.value) <= error);
    });
  if (kind !== 'SELECT' && kind !== 'SELECT_V2') return null;
  return each((at) => {
    const [condition, first, second] = [element(0, at), element(1, at), element(2, at)];
    if (condition.error === 0) return (condition.value !== 0 ? first : second).error;
    return Math.abs(first.value - second.value) + Math.max(first.error, second.error);
  });
}

/** Value and error of the element that an input gives to the output's element `at`. */
function elementsOf(
  node: Node,
  values: readonly (TypedArray | null)[],
  errors: readonly (Float64Array | null)[],
): (position: number, at: number) => { readonly value: number; readonly error: number } {
  const indices = node.inputs.map((_, position) => broadcastIndices(inputOf(node, position), outputOf(node)));
  return (position, at) => {
    const from = indices[position]?.[at] ?? 0;
    return { value: Number(values[position]?.[from] ?? 0), error: errors[position]?.[from] ?? 0 };
  };
}
