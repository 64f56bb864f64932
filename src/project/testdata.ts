import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type DataArray, isFloatType } from '../data/array.ts';
import { openDataset, placeFiles } from '../data/dataset.ts';
import { inputsOf } from '../data/input_names.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import { inputReader } from '../data/quantized.ts';
import type { Graph } from '../graph/graph.ts';
import type { TestData } from './project.ts';

/** Test data as the firmware takes it. */
export interface LoadedSample {
  /** Position in the data, 0-based. */
  readonly index: number;
  /** Little-endian bytes of each input of the model, one after the other. */
  readonly input: Uint8Array;
  readonly inputs: readonly Uint8Array[];
}

/** What is right for each sample. */
export interface TestLabels {
  readonly file: string;
  /** Whether they are whole numbers by their type: class numbers, if anything. */
  readonly areIntegers: boolean;
  /** Of one sample. */
  readonly elements: number;
  /** [samples, elements] */
  readonly values: Float64Array;
}

/** All of a model's test data, as a graph takes it; samples are read when they are asked for. */
export interface OpenTestData {
  readonly count: number;
  /** SHA-256 over all files, so that answers to the same samples can be compared. */
  readonly digest: string;
  readonly labels: TestLabels | null;
  /** Names of the classes by number; may be empty. */
  readonly classes: readonly string[];
  /** What a person calls a sample: the path of its file from the project's folder; null: it has only its number. */
  nameOf(index: number): string | null;
  /** Little-endian bytes of each input of sample `index`. Throws DeployError for a value that the input cannot take. */
  inputs(index: number): readonly Uint8Array[];
  close(): void;
}

/**
 * Opens the test data of a model: any file or folder of src/data, each input with the shape [N, ...input shape], or
 * without the batch of 1. Integers of the input's type are taken as they are, floats are quantized with the input's scale
 * and zero point as TensorFlow Lite does. Throws DeployError (kind `input`) for a wrong shape or type.
 */
export function openTestData(
  folder: string,
  data: TestData,
  graph: Graph,
  preprocessing: Preprocessing = {},
): OpenTestData {
  const dataset = openDataset(folder, data, graph, preprocessing);
  try {
    const readers = inputsOf(graph).map((input, position) =>
      inputReader(dataset.inputs[position] as DataArray, input, 'test data'),
    );
    return {
      count: dataset.count,
      digest: digestOf(folder, data),
      labels: dataset.labels === null ? null : readLabels(dataset.labels),
      classes: dataset.classes ?? [],
      nameOf: dataset.nameOf,
      inputs: (index) => readers.map((read) => read(index)),
      close: dataset.close,
    };
  } catch (error) {
    dataset.close();
    throw error;
  }
}

/** The samples that run on the emulated part, spread evenly over the data (data sorted by class stays fair). Throws DeployError. */
export function loadTestData(
  folder: string,
  data: TestData,
  graph: Graph,
  preprocessing: Preprocessing = {},
): LoadedSample[] {
  const set = openTestData(folder, data, graph, preprocessing);
  try {
    const samples = Math.min(data.samples, set.count);
    return Array.from({ length: samples }, (_, sample) => {
      const index = Math.floor((sample * set.count) / samples);
      const inputs = set.inputs(index);
      return { index, input: Buffer.concat(inputs), inputs };
    });
  } finally {
    set.close();
  }
}

function digestOf(folder: string, data: TestData): string {
  const hash = createHash('sha256');
  for (const file of placeFiles(folder, data))
    hash.update(createHash('sha256').update(file).digest()).update(fileDigest(join(folder, file)));
  return hash.update(JSON.stringify([data.inputs, data.labels, data.label, data.classes])).digest('hex');
}

/** Read piece by piece: arrays may be larger than memory. */
function fileDigest(path: string): Buffer {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(path, 'r');
  try {
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece))
      hash.update(piece.subarray(0, read));
    return hash.digest();
  } finally {
    closeSync(descriptor);
  }
}

function readLabels(labels: DataArray): TestLabels {
  const [count = 0, ...shape] = labels.shape;
  const elements = shape.reduce((product, size) => product * size, 1);
  const values = new Float64Array(count * elements);
  for (let index = 0; index < count; index++) values.set(labels.row(index), index * elements);
  return { file: labels.file, areIntegers: !isFloatType(labels.type), elements, values };
}
