import { type Graph, tensorAt } from '../graph/graph.ts';
import { nodeOf } from '../operators/operator.ts';
import { roundsInFloat } from '../operators/rounds_in_float.ts';
import type { RoundingErrors } from './rounding_errors.ts';

/** How many standard deviations of the expected rounding error an element may be off: on the networks that we ran it was at most two. */
const deviations = 8;

/** Kernels give 0 for exponentials below the smallest normal number. */
const underflow = 2 ** -125;

/** Whether outputs depend on the order in which float32 numbers are summed: then they cannot be compared byte for byte. */
export function computesInFloat(graph: Graph): boolean {
  return graph.operators.some((operator) => roundsInFloat(nodeOf(graph, operator)));
}

/** By tensor index how far each float32 element may be from the reference's. Tensors without an entry must agree byte for byte. */
export function tolerances(errors: RoundingErrors): ReadonlyMap<number, Float64Array> {
  return new Map(
    [...errors].map(([index, each]) => [index, each.map((error) => deviations * error + underflow)]),
  );
}

/** The same for the graph's outputs, in their order; null for one that must agree byte for byte, as truths and integers must. */
export function outputTolerances(graph: Graph, errors: RoundingErrors): readonly (Float64Array | null)[] {
  const byTensor = tolerances(errors);
  return graph.outputs.map((index) =>
    tensorAt(graph, index).type === 'float32' ? (byTensor.get(index) ?? null) : null,
  );
}

/** What a comparison of float32 elements found. */
export interface Closeness {
  /** The first element that is too far off; -1: none. */
  readonly wrong: number;
  /** Largest difference, and largest difference that was allowed, in units in the last place of the largest expected element. */
  readonly ulp: number;
  readonly bound: number;
}

/** Compares float32 elements; not-a-number and infinities must be the same. */
export function closeness(expected: Float32Array, actual: Float32Array, allowed: Float64Array): Closeness {
  const most = expected.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), 0);
  const place = 2 ** Math.max(-149, Math.floor(Math.log2(most)) - 23);
  let wrong = -1;
  let worst = 0;
  let bound = 0;
  for (const [at, value] of expected.entries()) {
    const given = actual[at] as number;
    if (Object.is(value, given)) continue;
    const difference = Math.abs(given - value);
    const limit = allowed[at] as number;
    if (Number.isFinite(difference) && difference <= limit) worst = Math.max(worst, difference);
    else if (wrong === -1) wrong = at;
  }
  for (const limit of allowed) if (limit > bound && Number.isFinite(limit)) bound = limit;
  return { wrong, ulp: worst / place, bound: bound / place };
}
