import { posix } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { importOnnx } from './onnx.ts';
import { externalFiles, readOnnxFile } from './onnx_file.ts';
import { importPt2 } from './pt2.ts';
import { readModel } from './read_model.ts';
import { refuseOtherFormat } from './refused_formats.ts';
import { importTflite, type ModelSource } from './tflite.ts';

/** A kind of model file. Add one by adding a file and a line. */
interface ModelFormat {
  /** With the dot, in lower case. */
  readonly extension: string;
  /** Files beside the model that it cannot do without, by the names that the model gives them. */
  filesBeside?(bytes: Uint8Array, file: string): readonly string[];
  /** Throws DeployError (kind `input`). */
  import(bytes: Uint8Array, source: ModelSource, beside: ReadonlyMap<string, Uint8Array>): Graph;
}

const formats: readonly ModelFormat[] = [
  { extension: '.tflite', import: importTflite },
  {
    extension: '.onnx',
    filesBeside: (bytes, file) => externalFiles(readOnnxFile(bytes, file)),
    import: importOnnx,
  },
  { extension: '.pt2', import: importPt2 },
];

/** The file name of a model that is imported: `.tflite`, `.onnx`, `.pt2`. */
export function isModelFile(name: string): boolean {
  return formats.some(({ extension }) => name.toLowerCase().endsWith(extension));
}

/** Reads the file, and those beside it that it names, and imports it by its extension. Throws DeployError. */
export async function importModel(folder: string, source: ModelSource): Promise<Graph> {
  const format = formats.find(({ extension }) => source.file.toLowerCase().endsWith(extension));
  const bytes = await readModel(folder, source.file);
  if (format === undefined) throw refuseOtherFormat(bytes, source.file);
  refuseLfsPointer(bytes, source.file);
  const beside = new Map<string, Uint8Array>();
  for (const name of format.filesBeside?.(bytes, source.file) ?? [])
    beside.set(name, await readModel(folder, pathBeside(source.file, name)));
  return format.import(bytes, source, beside);
}

/** All files that a model consists of, itself first: what a cache must know of it. Throws DeployError. */
export async function modelFiles(folder: string, file: string): Promise<readonly string[]> {
  const format = formats.find(({ extension }) => file.toLowerCase().endsWith(extension));
  if (format?.filesBeside === undefined) return [file];
  const names = format.filesBeside(await readModel(folder, file), file);
  return [file, ...names.map((name) => pathBeside(file, name))];
}

/** A file in the model's folder or below it. */
function pathBeside(file: string, name: string): string {
  const isInside =
    name !== '' &&
    !name.includes('\0') &&
    !/^[/\\]|^[A-Za-z]:|\\/.test(name) &&
    !name.split('/').includes('..');
  if (isInside) return posix.join(posix.dirname(file), name);
  throw new DeployError(
    'input',
    `its weights are in ${printable(JSON.stringify(name))}, which is not beside the model.`,
    { file },
    'Put that file into the folder of the model, or export with external_data=False.',
  );
}

function refuseLfsPointer(bytes: Uint8Array, file: string): void {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (start.startsWith('version https://git-lfs.github.com/spec'))
    throw new DeployError(
      'input',
      'this is a Git LFS pointer, not the model itself.',
      { file },
      'Run `git lfs pull`; in a workflow set `lfs: true` on actions/checkout.',
    );
  if (bytes.length === 0)
    throw new DeployError('input', 'the file is empty.', { file }, 'Export the model again.');
}
