import { prepareFloat } from '../float/interpreter.ts';
import { type Graph, stateOf } from '../graph/graph.ts';
import type { Sample } from './samples.ts';

/**
 * Samples of a graph that keeps state, each with the state that the samples before it left, as one sequence: what a model
 * sees that gets its input piece by piece. Samples of any other graph as they are.
 */
export function streamed(graph: Graph, samples: readonly Sample[]): readonly Sample[] {
  const state = stateOf(graph).map(({ index }) => index);
  if (state.length === 0) return samples;
  const network = prepareFloat({ ...graph, outputs: state });
  let before: readonly Float32Array[] = [];
  return samples.map((sample) => {
    const given = [...sample, ...before];
    before = network.run(given).map((values) => values.slice());
    return given;
  });
}
