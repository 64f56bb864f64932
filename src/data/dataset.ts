import { statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { yamlKey } from '../yaml_key.ts';
import type { DataArray, Dataset } from './array.ts';
import { openCsv } from './csv.ts';
import { dataFiles, sampleFiles } from './folder.ts';
import { imageRows } from './image_rows.ts';
import { inputsOf, itemForEach, namesOf } from './input_names.ts';
import { openNpy } from './npy.ts';
import { openNpz } from './npz.ts';
import type { Preprocessing } from './preprocessing.ts';
import { recordingRows } from './recording_rows.ts';

/** Where samples are: paths from the project's folder. */
export interface DataPlace {
  /** One file or folder for all inputs, or one for each by the input's name. */
  readonly inputs: string | Readonly<Record<string, string>>;
  /** A file of its own; null: in the file of the inputs, or none. */
  readonly labels: string | null;
  /** The labels' name in a .npz or .csv file; null: `labels`, `label` or `y`, where there is one. */
  readonly label: string | null;
  /** Names of the classes in the order of their numbers; null: from the folders' names. */
  readonly classes: readonly string[] | null;
}

/** Every file that such data consists of: paths from the project's folder, each once. */
export function placeFiles(
  root: string,
  { inputs, labels }: Pick<DataPlace, 'inputs' | 'labels'>,
): readonly string[] {
  const written = typeof inputs === 'string' ? [inputs] : Object.values(inputs);
  const paths = [...written, ...(labels === null ? [] : [labels])];
  return [...new Set(paths.flatMap((path) => dataFiles(root, path)))];
}

const usualLabels = ['labels', 'label', 'y'];

/** What one path holds. */
interface Opened {
  readonly inputs: readonly DataArray[];
  readonly labels: DataArray | null;
  readonly classes: readonly string[] | null;
  readonly files: readonly string[] | null;
}

/**
 * Opens the samples of a model: .npy, .npz and .csv files, folders of images and of recordings. All inputs and labels have
 * equally many samples. Throws DeployError (kind `input`); nothing stays open then.
 */
export function openDataset(
  root: string,
  place: DataPlace,
  graph: Graph,
  preprocessing: Preprocessing = {},
): Dataset {
  const opened: DataArray[] = [];
  const keep = (found: Opened): Opened => {
    opened.push(...found.inputs, ...(found.labels === null ? [] : [found.labels]));
    return found;
  };
  const close = () => {
    for (const array of opened) array.close();
  };
  try {
    const all = inputsOf(graph);
    const parts = partsOf(place, all).map(({ path, inputs }) =>
      keep(openPath(root, path, inputs, place, preprocessing)),
    );
    const separate = place.labels === null ? null : openLabels(root, place.labels, place.label);
    if (separate !== null) opened.push(separate);
    const inputs = parts.flatMap((part) => part.inputs);
    const labels = separate ?? parts.find((part) => part.labels !== null)?.labels ?? null;
    const count = inputs[0]?.shape[0] ?? 0;
    for (const array of inputs)
      if (array.shape[0] !== count)
        throw new DeployError(
          'input',
          `There are ${array.shape[0]} samples of one input where there are ${count} of another.`,
          { file: array.file },
          'Every input needs equally many, in the same order.',
        );
    if (labels !== null && labels.shape[0] !== count)
      throw new DeployError(
        'input',
        `The labels have the shape [${labels.shape.join(', ')}] where ${count} samples need [${count}].`,
        { file: labels.file },
        'Give one label for each sample.',
      );
    const files = parts.find((part) => part.files !== null)?.files ?? null;
    return {
      count,
      inputs,
      labels,
      classes: parts.find((part) => part.classes !== null)?.classes ?? place.classes,
      nameOf: (index) => files?.[index] ?? null,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Which inputs each path is for, in the order of the inputs. */
function partsOf(
  { inputs: written }: DataPlace,
  inputs: readonly Tensor[],
): readonly { readonly path: string; readonly inputs: readonly Tensor[] }[] {
  if (typeof written === 'string') return [{ path: written, inputs }];
  const paths = new Map(Object.entries(written));
  const names = inputs.flatMap((input, position) => namesOf(input, position));
  const unknown = [...paths.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new DeployError(
      'input',
      `The model has no input ${printable(JSON.stringify(unknown))}.`,
      { file: paths.get(unknown) ?? '' },
      `Its inputs: ${inputs.map(({ name }) => printable(name)).join(', ')}.`,
    );
  const [first = ''] = paths.values();
  const each = itemForEach(inputs, paths, first, 'tinyml.yml names no data');
  return inputs.map((input, position) => ({ path: each[position] as string, inputs: [input] }));
}

function openPath(
  root: string,
  path: string,
  inputs: readonly Tensor[],
  place: DataPlace,
  preprocessing: Preprocessing,
): Opened {
  const kind = kindOf(root, path);
  const hasOwnLabels = place.labels !== null;
  if (kind === '.npz') return fromNpz(root, path, inputs, place.label, hasOwnLabels);
  const [input] = inputs;
  if (input === undefined || inputs.length > 1)
    throw new DeployError(
      'input',
      `The model has ${inputs.length} inputs, and this can only feed one.`,
      { file: path },
      `Give a .npz file with an array for each, or a mapping: \`inputs: { ${inputs.map(({ name }) => `${yamlKey(name)}: FILE`).join(', ')} }\`.`,
    );
  switch (kind) {
    case '.csv': {
      const table = openCsv(root, path);
      const label = hasOwnLabels ? null : labelAmong(table.header ?? [], place.label, path);
      return {
        inputs: [table.columnsWithout(label === null ? [] : [label])],
        labels: label === null ? null : table.column(label),
        classes: null,
        files: null,
      };
    }
    case 'folder': {
      const { kind: samples, files, labels } = sampleFiles(root, path, place.classes);
      const rows =
        samples === 'images'
          ? imageRows(root, path, files, input, preprocessing.images)
          : recordingRows(root, path, files, input, preprocessing.audio);
      return {
        inputs: [rows],
        labels: labels === null ? null : listed(path, labels.of),
        classes: labels?.names ?? null,
        files,
      };
    }
    default:
      return { inputs: [openNpy(root, path)], labels: null, classes: null, files: null };
  }
}

function kindOf(root: string, path: string): 'folder' | '.npz' | '.csv' | '.npy' {
  if (statSync(join(root, path)).isDirectory()) return 'folder';
  const type = extname(path).toLowerCase();
  // Any other name: what is in the file tells, as before there were other kinds.
  return type === '.npz' || type === '.csv' ? type : '.npy';
}

function fromNpz(
  root: string,
  path: string,
  inputs: readonly Tensor[],
  label: string | null,
  hasOwnLabels: boolean,
): Opened {
  const archive = openNpz(root, path);
  const inputNames = inputs.flatMap((input, position) => namesOf(input, position));
  // An input may well be called y.
  const candidates =
    label === null ? archive.names.filter((name) => !inputNames.includes(name)) : archive.names;
  const labels = hasOwnLabels ? null : labelAmong(candidates, label, path);
  const others = archive.names.filter((name) => name !== labels);
  const named = new Map(others.map((name) => [name, name]));
  const [only] = others;
  const names =
    inputs.length === 1 && others.length === 1 && only !== undefined
      ? [only]
      : itemForEach(inputs, named, path, 'There is no array');
  return {
    inputs: names.map((name) => archive.open(name)),
    labels: labels === null ? null : archive.open(labels),
    classes: null,
    files: null,
  };
}

/** The name of the labels among those that a file holds; null where none was asked for and none is usual. */
function labelAmong(names: readonly string[], wanted: string | null, file: string): string | null {
  if (wanted === null) return usualLabels.find((name) => names.includes(name)) ?? null;
  if (names.includes(wanted)) return wanted;
  throw new DeployError(
    'input',
    `It holds no ${printable(JSON.stringify(wanted))}, which tinyml.yml names as the labels.`,
    { file },
    `It holds: ${printable(names.join(', '), 200) || 'no names'}.`,
  );
}

function openLabels(root: string, path: string, label: string | null): DataArray {
  const kind = kindOf(root, path);
  if (kind === 'folder')
    throw new DeployError('input', 'Labels are not a folder.', { file: path }, 'Give a .npy or .csv file.');
  if (kind === '.npy') return openNpy(root, path);
  if (kind === '.csv') {
    const table = openCsv(root, path);
    const name = labelAmong(table.header ?? [], label, path);
    return name === null ? table.columnsWithout([]) : table.column(name);
  }
  const archive = openNpz(root, path);
  const [only] = archive.names;
  const name = labelAmong(archive.names, label, path) ?? (archive.names.length === 1 ? only : undefined);
  if (name !== undefined) return archive.open(name);
  throw new DeployError(
    'input',
    'It does not say which of its arrays are the labels.',
    { file: path },
    'Call them `labels`, or name them with `label:` in tinyml.yml.',
  );
}

function listed(file: string, values: readonly number[]): DataArray {
  return {
    file,
    type: 'i4',
    shape: [values.length],
    row: (index) => values.slice(index, index + 1),
    close: () => {},
  };
}
