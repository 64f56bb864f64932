import type { Labels } from './labels.ts';

/** The test data, as the graph that is scored takes it. */
export interface TestSet {
  readonly count: number;
  /** SHA-256 over what the samples and labels are, so that answers to them can be compared. */
  readonly digest: string;
  /** Little-endian bytes of each graph input of sample `index`. */
  inputs(index: number): readonly Uint8Array[];
  readonly labels: Labels | null;
  /** Names of the classes by number; may be empty. */
  readonly classes: readonly string[];
}

export function truthOf(labels: Labels | null, index: number): Float64Array | null {
  return labels === null
    ? null
    : labels.values.subarray(index * labels.elements, (index + 1) * labels.elements);
}
