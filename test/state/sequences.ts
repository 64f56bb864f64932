import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Graph } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { initialState, interpret } from '../../src/verify/interpreter.ts';
import { fixtures, stimulusOf } from '../golden/golden.ts';

/** Sequences of inferences without a reset in between, as test/golden/make_sequences.py writes them. */

export interface GoldenSequence {
  /** `seed 1`, or the label of a corner input. */
  readonly labels: readonly string[];
  /** Hex of all outputs of each inference. */
  readonly outputs: readonly string[];
}

export interface GoldenSequences {
  readonly sha256: string;
  readonly seeds: GoldenSequence;
  readonly corners: GoldenSequence;
  readonly refused?: string;
}

export interface Sequences {
  readonly made_with: string;
  readonly models: Readonly<Record<string, GoldenSequences>>;
}

export const stateFolder = join(fixtures, 'state');

export function readSequences(): Sequences {
  return JSON.parse(readFileSync(join(fixtures, 'sequences.json'), 'utf8')) as Sequences;
}

export function stateFiles(): string[] {
  return readdirSync(stateFolder)
    .filter((file) => file.endsWith('.tflite'))
    .sort()
    .map((file) => basename(file, '.tflite'));
}

export function stateModel(name: string): Graph {
  const file = `${name}.tflite`;
  return importTflite(readFileSync(join(stateFolder, file)), { file, name });
}

/** Hex of the outputs of one inference after the other, from a reset. */
export function interpretSequence(graph: Graph, labels: readonly string[]): string[] {
  let state = initialState(graph);
  return labels.map((label) => {
    const result = interpret(graph, stimulusOf(graph, label), state);
    state = result.state;
    return Buffer.concat(result.outputs).toString('hex');
  });
}
