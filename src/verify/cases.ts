import { byteLength, type Graph, stateOf, tensorAt } from '../graph/graph.ts';
import { initialState, interpret, type State } from './interpreter.ts';
import { type RoundingErrors, roundingErrors } from './rounding_errors.ts';
import { cornerInputs, seededInputs } from './stimulus.ts';
import { computesInFloat, outputTolerances } from './tolerance.ts';

/** One inference that firmware and reference both make. */
export interface Case {
  /** `seed 1`, `all lowest`, `test sample 3`. */
  readonly label: string;
  /** All graph inputs, one after the other. */
  readonly input: Uint8Array;
  /** All graph outputs, one after the other, as the reference computes them. */
  readonly expected: Uint8Array;
  /** How far each element of each graph output may be from it; absent: not at all. Of one output: null. */
  readonly allowed?: readonly (Float64Array | null)[];
  /** Position in the test data; null for made-up inputs. */
  readonly sample: number | null;
  /** Whether it goes on from the state that the case before left; all others start from a reset. */
  readonly continues: boolean;
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** A test sample as the project gives it. */
export interface TestSample {
  readonly index: number;
  readonly input: Uint8Array;
}

/** Inferences of a stream of made-up inputs, and at most of one of test samples. */
const streamLength = 8;

interface MadeCase {
  readonly label: string;
  readonly inputs: readonly Uint8Array[];
  readonly sample: number | null;
  readonly continues?: boolean;
}

/**
 * Eight seeded inputs, the corners, and the project's own samples, each from a reset; the counts that are reported are
 * those of seed 1. Models that keep state run streams besides, inferences without a reset in between: seeded inputs,
 * and the first of the project's samples.
 */
export function makeCases(graph: Graph, samples: readonly TestSample[]): Case[] {
  const made: MadeCase[] = [
    ...seeds.map((seed) => ({ label: `seed ${seed}`, inputs: seededInputs(graph, seed), sample: null })),
    ...cornerInputs(graph).map(({ label, inputs }) => ({ label, inputs, sample: null })),
    ...samples.map(({ index, input }) => ({
      label: `test sample ${index}`,
      inputs: unpack(graph, input),
      sample: index,
    })),
    ...(stateOf(graph).length === 0 ? [] : streams(graph, samples)),
  ];
  let state: State = initialState(graph);
  const isFloat = computesInFloat(graph);
  let errors: RoundingErrors = new Map();
  return made.map(({ label, inputs, sample, continues = false }) => {
    const result = interpret(graph, inputs, continues ? state : initialState(graph));
    state = result.state;
    if (isFloat) errors = roundingErrors(graph, result.tensors, continues ? errors : undefined);
    return {
      label,
      input: Buffer.concat(inputs),
      expected: Buffer.concat(result.outputs),
      ...(isFloat ? { allowed: outputTolerances(graph, errors) } : {}),
      sample,
      continues,
    };
  });
}

function streams(graph: Graph, samples: readonly TestSample[]): MadeCase[] {
  const seeded = Array.from({ length: streamLength }, (_, index) => ({
    label: `inference ${index + 1} of a stream`,
    inputs: seededInputs(graph, 100 + index),
    sample: null,
    continues: index > 0,
  }));
  const given = samples.slice(0, streamLength).map(({ index, input }, position) => ({
    label: `test sample ${index} in a stream`,
    inputs: unpack(graph, input),
    sample: null,
    continues: position > 0,
  }));
  return [...seeded, ...given];
}

/** The inputs of one inference up to this case, from the last reset on: what it takes to make it again. */
export function sequenceOf(cases: readonly Case[], label: string): readonly Uint8Array[] {
  const last = cases.findIndex((each) => each.label === label);
  const first = cases.findLastIndex(({ continues }, index) => index <= last && !continues);
  return cases.slice(Math.max(first, 0), last + 1).map(({ input }) => input);
}

/** The packed inputs of one inference, one by one. */
export function unpack(graph: Graph, packed: Uint8Array): Uint8Array[] {
  let offset = 0;
  return graph.inputs.map((index) => {
    const bytes = byteLength(tensorAt(graph, index));
    offset += bytes;
    return packed.subarray(offset - bytes, offset);
  });
}
