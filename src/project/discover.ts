import {
  closeSync,
  type Dirent,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { DeployError } from '../errors.ts';
import { isConverted, modelExtension, modelExtensions } from '../import/extensions.ts';

/** Folders that hold other people's files or our own output. */
const skipped = new Set(['node_modules', '__pycache__', 'site-packages', 'tinyml-out']);

/**
 * Every .tflite file below the folder, sorted by path, relative to it, with `/`. Only where there is none, every .onnx and
 * .pt2 file, which a repository of .tflite files may well hold for training's sake; and only where there is none of those,
 * what TensorFlow converts: Keras models and SavedModels, these by their saved_model.pb.
 * Leaves out hidden folders, installed packages, what .gitignore names, and links out of the folder.
 * Throws DeployError (kind `input`) when there is no such folder.
 */
export function discoverModels(folder: string): string[] {
  const root = realFolder(folder);
  const files: string[] = [];
  const links: string[] = [];
  walk(root, [], (path, isLink) => (isLink ? links : files).push(path));
  const real = new Set(files);
  // A link to a model that is found anyway would deploy it twice.
  for (const link of links) {
    const target = insideFile(root, link);
    if (target !== null && !real.has(target)) {
      real.add(target);
      files.push(link);
    }
  }
  const found = files.map((file) => relative(root, file).split(sep).join('/')).sort();
  const deployable = found.filter((file) => modelExtension(file) === '.tflite');
  if (deployable.length > 0) return deployable;
  const native = found.filter((file) => !needsConversion(file));
  if (native.length > 0) return native;
  return onePerName(found.filter((file) => !isHdf5(file) || holdsKerasModel(join(root, file))));
}

function needsConversion(file: string): boolean {
  const extension = modelExtension(file);
  return extension !== null && isConverted(extension);
}

function isHdf5(file: string): boolean {
  return ['.h5', '.hdf5'].some((extension) => modelExtension(file) === extension);
}

/** `m.keras` stands for `m.h5` beside it: they are the same model. */
function onePerName(files: readonly string[]): string[] {
  const stem = (file: string) => file.slice(0, file.length - (modelExtension(file)?.length ?? 0));
  const rank = (file: string) => {
    const extension = modelExtension(file);
    return extension === null ? -1 : modelExtensions.indexOf(extension);
  };
  return files.filter((file) =>
    files.every((other) => other === file || stem(other) !== stem(file) || rank(other) > rank(file)),
  );
}

/** Most HDF5 files are data or weights; Keras writes a whole model's architecture into the attribute `model_config`. */
function holdsKerasModel(path: string): boolean {
  const attribute = Buffer.from('model_config');
  const chunk = Buffer.alloc(1024 * 1024);
  try {
    const file = openSync(path, 'r');
    try {
      for (let kept = 0; ; ) {
        const read = readSync(file, chunk, kept, chunk.length - kept, null);
        if (read === 0) return false;
        const filled = chunk.subarray(0, kept + read);
        if (filled.includes(attribute)) return true;
        // It may lie across the border.
        kept = Math.min(attribute.length - 1, filled.length);
        chunk.copyWithin(0, filled.length - kept, filled.length);
      }
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

function realFolder(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(folder);
  throw new DeployError(
    'input',
    'There is no such folder.',
    { file: folder },
    'Check the path and its case.',
  );
}

interface Rules {
  readonly folder: string;
  readonly rules: Ignore;
}

function walk(folder: string, above: readonly Rules[], found: (path: string, isLink: boolean) => void): void {
  const inherited = [...above, ...rulesOf(folder)];
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (isIgnored(path, entry.isDirectory(), inherited)) continue;
    if (entry.isDirectory()) {
      const isForeign = entry.name.startsWith('.') || skipped.has(entry.name);
      if (!isForeign && !existsSync(join(path, 'pyvenv.cfg'))) walk(path, inherited, found);
    } else if (modelExtension(entry.name) !== null && (entry.isFile() || entry.isSymbolicLink())) {
      found(path, entry.isSymbolicLink());
    }
  }
}

function rulesOf(folder: string): Rules[] {
  try {
    return [{ folder, rules: ignore().add(readFileSync(join(folder, '.gitignore'), 'utf8')) }];
  } catch {
    return [];
  }
}

/** The deepest .gitignore that says anything about the path decides. */
function isIgnored(path: string, isFolder: boolean, above: readonly Rules[]): boolean {
  for (const { folder, rules } of above.toReversed()) {
    const inside = relative(folder, path).split(sep).join('/');
    const verdict = rules.test(isFolder ? `${inside}/` : inside);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** A folder that cannot be read holds nothing. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function insideFile(root: string, link: string): string | null {
  try {
    const target = realpathSync(link);
    return target.startsWith(root + sep) && statSync(target).isFile() ? target : null;
  } catch {
    return null;
  }
}
