import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, type Graph, type TypedArray } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';

/** Comparison with golden vectors as test/golden/make_vectors.py writes them. */

export interface GoldenVector {
  /** `seed 1`, or the label of a corner input. */
  readonly input: string;
  /** SHA-256 of each tensor's bytes. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly layers: readonly { readonly op: string; readonly tensor: number; readonly sha256: string }[];
}

export interface GoldenModel {
  readonly sha256: string;
  readonly vectors?: readonly GoldenVector[];
  /** The error of TensorFlow Lite Micro, which does not run this model. */
  readonly refused?: string;
}

export interface Golden {
  readonly made_with: string;
  readonly models: Readonly<Record<string, GoldenModel>>;
}

export const fixtures = join(import.meta.dirname, '..', 'fixtures');

export function readGolden(): Golden {
  return JSON.parse(readFileSync(join(fixtures, 'golden.json'), 'utf8')) as Golden;
}

export function fixtureModel(path: string): Graph {
  return importTflite(readFileSync(join(fixtures, path)), { file: path, name: 'model' });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function stimulusOf(graph: Graph, label: string): Uint8Array[] {
  const seed = /^seed (\d+)$/.exec(label)?.[1];
  if (seed !== undefined) return seededInputs(graph, Number(seed));
  const corner = cornerInputs(graph).find((candidate) => candidate.label === label);
  if (corner === undefined) throw new Error(`no stimulus is called ${label}`);
  return corner.inputs;
}

/** Every way in which our interpreter differs from a golden vector; the first layer first. Empty when bit-exact. */
export function differences(graph: Graph, vector: GoldenVector): string[] {
  const inputs = stimulusOf(graph, vector.input);
  const { outputs, tensors } = interpret(graph, inputs);
  const digestOf = (tensor: number) => sha256(bytesOf(tensors.get(tensor) as TypedArray));
  const compare = (what: string, ours: readonly string[], golden: readonly string[]) =>
    ours.length === golden.length && ours.every((digest, index) => digest === golden[index])
      ? []
      : [`${vector.input}: ${what} differs`];
  return [
    ...compare('the generated input', inputs.map(sha256), vector.inputs),
    // What importing folded into a table leaves no tensor behind; the table's result is compared.
    ...vector.layers.flatMap(({ op, tensor, sha256: golden }, index) =>
      isFolded(graph, tensor)
        ? []
        : compare(`layer ${index} ${op} (tensor ${tensor})`, [digestOf(tensor)], [golden]),
    ),
    ...compare('the output', outputs.map(sha256), vector.outputs),
  ];
}

function isFolded(graph: Graph, tensor: number): boolean {
  const hasTables = graph.operators.some(({ kind }) => kind === 'TABLE');
  return hasTables && !graph.operators.some(({ outputs }) => outputs.includes(tensor));
}
