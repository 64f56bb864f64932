import type { Graph } from '../graph/graph.ts';
import type { Sample } from './samples.ts';
import { addNoise, decibels } from './signal_to_noise.ts';
import { prepareSimulation } from './simulate.ts';

/** One tensor that tells how true a quantized graph is to its float one. */
export interface Watched {
  readonly tensor: number;
  /** Softmax does not see what all its inputs have in common, so it does not count. */
  readonly centred: boolean;
}

/**
 * The outputs; in place of what SOFTMAX, LOG_SOFTMAX and LOGISTIC squash to almost 0 and 1, their inputs, which still show
 * how near the answer was.
 */
export function watchedOf(graph: Graph): Watched[] {
  return graph.outputs.map((tensor) => {
    const writer = graph.operators.find(({ outputs }) => outputs.includes(tensor));
    const [input = tensor] = writer?.inputs ?? [];
    switch (writer?.kind) {
      case 'SOFTMAX':
      case 'LOG_SOFTMAX':
        return { tensor: input, centred: true };
      case 'LOGISTIC':
        return { tensor: input, centred: false };
      default:
        return { tensor, centred: false };
    }
  });
}

/** A calibration sample and what the float graph gives for the watched tensors. */
export interface Expectation {
  readonly sample: Sample;
  readonly watched: readonly Float32Array[];
}

/** Signal to noise of the watched tensors of an int8 graph over the samples, in dB. */
export function fidelity(
  graph: Graph,
  watched: readonly Watched[],
  expected: readonly Expectation[],
): number {
  const run = prepareSimulation({ ...graph, outputs: watched.map(({ tensor }) => tensor) });
  const sum = { signal: 0, noise: 0 };
  for (const { sample, watched: exact } of expected)
    for (const [position, result] of run(sample).entries()) {
      const values = exact[position] ?? new Float32Array();
      const isCentred = watched[position]?.centred === true;
      addNoise(sum, isCentred ? centre(values) : values, isCentred ? centre(result) : result);
    }
  return decibels(sum);
}

function centre(values: Float32Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(values, (value) => value - mean);
}
