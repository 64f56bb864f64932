import { posix } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { type ModelExtension, modelExtension } from './extensions.ts';
import { importOnnx } from './onnx.ts';
import { externalFiles, readOnnxFile } from './onnx_file.ts';
import { importPt2 } from './pt2.ts';
import { readModel } from './read_model.ts';
import { refuseOtherFormat } from './refused_formats.ts';
import { importTflite, type ModelSource } from './tflite.ts';

/** A kind of model file. Add one by adding a file and a line here, and its extension to the list of extensions. */
interface ModelFormat {
  /** Files beside the model that it cannot do without, by the names that the model gives them. */
  filesBeside?(bytes: Uint8Array, file: string): readonly string[];
  /** Throws DeployError (kind `input`). */
  import(bytes: Uint8Array, source: ModelSource, beside: ReadonlyMap<string, Uint8Array>): Graph;
}

const formats: Readonly<Record<ModelExtension, ModelFormat>> = {
  '.tflite': { import: importTflite },
  '.onnx': {
    filesBeside: (bytes, file) => externalFiles(readOnnxFile(bytes, file)),
    import: importOnnx,
  },
  '.pt2': { import: importPt2 },
};

/** Reads the file, and those beside it that it names, and imports it by its extension. Throws DeployError. */
export async function importModelFile(folder: string, source: ModelSource): Promise<Graph> {
  const extension = modelExtension(source.file);
  const bytes = await readModel(folder, source.file);
  if (extension === null) throw refuseOtherFormat(bytes, source.file);
  refuseLfsPointer(bytes, source.file);
  const format = formats[extension];
  const beside = new Map<string, Uint8Array>();
  for (const name of format.filesBeside?.(bytes, source.file) ?? [])
    beside.set(name, await readModel(folder, pathBeside(source.file, name)));
  return format.import(bytes, source, beside);
}

/** The files beside a model that it consists of, as a cache must know them; none where the model cannot be read. */
export async function filesBesideModel(folder: string, file: string): Promise<readonly string[]> {
  const extension = modelExtension(file);
  const format = extension === null ? undefined : formats[extension];
  if (format?.filesBeside === undefined) return [];
  try {
    return format.filesBeside(await readModel(folder, file), file).map((name) => pathBeside(file, name));
  } catch (error) {
    if (error instanceof DeployError) return [];
    throw error;
  }
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
