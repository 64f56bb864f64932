import { byteLength, type Graph, tensorAt, typedArray } from '../graph/graph.ts';
import { interpret } from './interpreter.ts';
import { cornerInputs, seededInputs } from './stimulus.ts';

/** One inference that firmware and reference both make. */
export interface Case {
  /** `seed 1`, `all lowest`, `test sample 3`. */
  readonly label: string;
  /** All graph inputs, one after the other. */
  readonly input: Uint8Array;
  /** All graph outputs, one after the other, as the reference computes them. */
  readonly expected: Uint8Array;
  /** Right class of a labelled sample. */
  readonly truth: number | null;
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** A test sample as the project gives it. */
export interface TestSample {
  readonly index: number;
  readonly input: Uint8Array;
  readonly label: number | null;
}

/** Eight seeded inputs, the corners, and the project's own samples; the counts that are reported are those of seed 1. */
export function makeCases(graph: Graph, samples: readonly TestSample[]): Case[] {
  const made = [
    ...seeds.map((seed) => ({ label: `seed ${seed}`, inputs: seededInputs(graph, seed), truth: null })),
    ...cornerInputs(graph).map(({ label, inputs }) => ({ label, inputs, truth: null })),
    ...samples.map(({ index, input, label }) => ({
      label: `test sample ${index}`,
      inputs: [input],
      truth: label,
    })),
  ];
  return made.map(({ label, inputs, truth }) => ({
    label,
    input: Buffer.concat(inputs),
    expected: Buffer.concat(interpret(graph, inputs).outputs),
    truth,
  }));
}

/** The class that a model's first output names; the first maximum wins, as in TensorFlow. */
export function topClass(graph: Graph, packedOutputs: Uint8Array): number {
  const output = tensorAt(graph, graph.outputs[0] ?? -1);
  const values = typedArray(output.type, packedOutputs.subarray(0, byteLength(output)));
  let best = 0;
  for (let index = 1; index < values.length; index += 1)
    if ((values[index] as number | bigint) > (values[best] as number | bigint)) best = index;
  return best;
}
