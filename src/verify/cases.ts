import type { Graph } from '../graph/graph.ts';
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
  /** Position in the test data; null for made-up inputs. */
  readonly sample: number | null;
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** A test sample as the project gives it. */
export interface TestSample {
  readonly index: number;
  readonly input: Uint8Array;
}

/** Eight seeded inputs, the corners, and the project's own samples; the counts that are reported are those of seed 1. */
export function makeCases(graph: Graph, samples: readonly TestSample[]): Case[] {
  const made = [
    ...seeds.map((seed) => ({ label: `seed ${seed}`, inputs: seededInputs(graph, seed), sample: null })),
    ...cornerInputs(graph).map(({ label, inputs }) => ({ label, inputs, sample: null })),
    ...samples.map(({ index, input }) => ({ label: `test sample ${index}`, inputs: [input], sample: index })),
  ];
  return made.map(({ label, inputs, sample }) => ({
    label,
    input: Buffer.concat(inputs),
    expected: Buffer.concat(interpret(graph, inputs).outputs),
    sample,
  }));
}
