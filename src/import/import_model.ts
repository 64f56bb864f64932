import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { ModelConverter } from './convert.ts';
import {
  type ConvertedExtension,
  isConverted,
  modelExtension,
  type NativeExtension,
  savedModelFile,
} from './extensions.ts';
import { fileBeside } from './file_beside.ts';
import { importKeras } from './keras.ts';
import { importOnnx } from './onnx.ts';
import { externalFiles, readOnnxFile } from './onnx_file.ts';
import { importPt2 } from './pt2.ts';
import { largestFile, readModel } from './read_model.ts';
import { refuseOtherFormat } from './refused_formats.ts';
import { importTflite, type ModelSource } from './tflite.ts';

/** A kind of model file. Add one by adding a file and a line here, and its extension to the list of extensions. */
interface ModelFormat {
  /** Files beside the model that it cannot do without, by the names that the model gives them. */
  filesBeside?(bytes: Uint8Array, file: string): readonly string[];
  /** Throws DeployError (kind `input`). */
  import(bytes: Uint8Array, source: ModelSource, beside: ReadonlyMap<string, Uint8Array>): Graph;
}

const formats: Readonly<Record<NativeExtension, ModelFormat>> = {
  '.tflite': { import: importTflite },
  '.onnx': {
    filesBeside: (bytes, file) => externalFiles(readOnnxFile(bytes, file)),
    import: importOnnx,
  },
  '.pt2': { import: importPt2 },
};

/** What models that are not read here need. */
export interface Conversion {
  readonly converter: ModelConverter;
  /** Told in a few words what the conversion does now. */
  readonly onStep?: (step: string) => void;
}

/** Reads the file, and those beside it that it names, and imports it by its extension. Throws DeployError. */
export async function importModelFile(
  folder: string,
  source: ModelSource,
  conversion?: Conversion,
): Promise<Graph> {
  const extension = modelExtension(source.file);
  const bytes = await readModel(folder, source.file);
  if (extension === null) throw refuseOtherFormat(bytes, source.file);
  refuseLfsPointer(bytes, source.file);
  const beside = await readBeside(
    folder,
    source.file,
    await namesBeside(extension, bytes, folder, source.file),
  );
  for (const [name, part] of beside)
    if (part.length > 0) refuseLfsPointer(part, posix.join(posix.dirname(source.file), name));
  if (!isConverted(extension)) return formats[extension].import(bytes, source, beside);
  return await importConverted(extension, bytes, source, beside, conversion);
}

/** What is known here without TensorFlow, else its float .tflite of the model, known by the model's own bytes. */
async function importConverted(
  extension: ConvertedExtension,
  bytes: Uint8Array,
  source: ModelSource,
  beside: ReadonlyMap<string, Uint8Array>,
  conversion: Conversion | undefined,
): Promise<Graph> {
  const { file } = source;
  const native = extension === '.keras' ? importKeras(bytes, source) : null;
  if (native !== null) return native;
  if (conversion === undefined)
    throw new DeployError(
      'input',
      'this model has to be converted by TensorFlow, which this command does not do.',
      { file },
      'Give the converted .tflite.',
    );
  const kind = extension === savedModelFile ? 'savedmodel' : 'keras';
  const files = new Map([[posix.basename(file), bytes], ...beside]);
  const tflite = await conversion.converter.convert({ file, kind, files }, conversion.onStep ?? (() => {}));
  const graph = importTflite(tflite, source);
  const size = [...files.values()].reduce((sum, content) => sum + content.length, 0);
  return { ...graph, source: { file, format: kind, sha256: digestOf(bytes, beside), bytes: size } };
}

/** By the names that the model gives them. One file under many names would take memory as often. */
async function readBeside(
  folder: string,
  file: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const beside = new Map<string, Uint8Array>();
  let size = 0;
  for (const name of names) {
    const part = await readModel(folder, await fileBeside(folder, file, name));
    size += part.length;
    if (size > largestFile)
      throw new DeployError(
        'input',
        `the files beside it have more than ${largestFile} bytes together.`,
        { file },
        'No network for a microcontroller is that large.',
      );
    beside.set(name, part);
  }
  return beside;
}

/** The files beside a model that it consists of, as a cache must know them; none where the model cannot be read. */
export async function filesBesideModel(folder: string, file: string): Promise<readonly string[]> {
  const extension = modelExtension(file);
  if (extension === null || !hasFilesBeside(extension)) return [];
  try {
    const names = await namesBeside(extension, await readModel(folder, file), folder, file);
    return await Promise.all(names.map((name) => fileBeside(folder, file, name)));
  } catch (error) {
    if (error instanceof DeployError) return [];
    throw error;
  }
}

function hasFilesBeside(extension: NativeExtension | ConvertedExtension): boolean {
  return isConverted(extension) ? extension === savedModelFile : formats[extension].filesBeside !== undefined;
}

/** From the model's folder, with `/`, in the order that the model has them. */
async function namesBeside(
  extension: NativeExtension | ConvertedExtension,
  bytes: Uint8Array,
  folder: string,
  file: string,
): Promise<readonly string[]> {
  if (!isConverted(extension)) return formats[extension].filesBeside?.(bytes, file) ?? [];
  return extension === savedModelFile ? await savedModelParts(folder, file) : [];
}

/** What belongs to a SavedModel beside its graph; links are none of it. */
async function savedModelParts(folder: string, file: string): Promise<readonly string[]> {
  const home = join(folder, posix.dirname(file));
  const names: string[] = [];
  for (const part of ['variables', 'assets']) {
    const entries = await readdir(join(home, part), { withFileTypes: true }).catch(() => []);
    names.push(...entries.filter((entry) => entry.isFile()).map(({ name }) => `${part}/${name}`));
  }
  if (names.length > mostParts)
    throw new DeployError(
      'input',
      `it has ${names.length} files of variables and assets, more than the ${mostParts} that are allowed.`,
      { file },
      'No network for a microcontroller has that many.',
    );
  return names.sort();
}

const mostParts = 16;

/** SHA-256 over all files of a model, as its graph and its measurements carry it. Throws DeployError (kind `input`). */
export async function digestOfModel(folder: string, file: string): Promise<string> {
  const bytes = await readModel(folder, file);
  const paths = await filesBesideModel(folder, file);
  const names = paths.map((path) => posix.relative(posix.dirname(file), path));
  const beside = await readBeside(folder, file, names);
  return digestOf(bytes, beside);
}

function digestOf(bytes: Uint8Array, beside: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256').update(bytes);
  for (const [name, content] of [...beside].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(content);
  return hash.digest('hex');
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
