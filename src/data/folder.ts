import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { DeployError, printable } from '../errors.ts';

/** One file for each sample, in subfolders named by class, or in none. */
export interface SampleFiles {
  readonly kind: 'images' | 'recordings';
  /** Paths from the project's folder, with `/`, sorted. */
  readonly files: readonly string[];
  /** Class of each file, and the classes' names; null: there are no subfolders. */
  readonly labels: { readonly of: readonly number[]; readonly names: readonly string[] } | null;
}

const imageTypes = ['.png', '.jpg', '.jpeg'];
const recordingTypes = ['.wav'];
const mostFiles = 100_000;
const deepest = 8;

/**
 * The samples in a folder: images or recordings, one or the other, straight in it or in one subfolder for each class (and
 * below that). `classes` gives the numbers of the subfolders; without it they are numbered by their names where these are
 * whole numbers, else in alphabetical order. Hidden files and other kinds of files do not count; links out of the project
 * are refused. Throws DeployError (kind `input`).
 */
export function sampleFiles(root: string, folder: string, classes: readonly string[] | null): SampleFiles {
  const wrong = (what: string, hint: string) => new DeployError('input', what, { file: folder }, hint);
  const files = filesBelow(root, folder).filter((path) => kindOf(path) !== null);
  const [first] = files;
  if (first === undefined)
    throw wrong(
      'The folder holds no image (.png, .jpg) and no recording (.wav).',
      'Put one file for each sample into it.',
    );
  const kind = kindOf(first) ?? 'images';
  const other = files.find((path) => kindOf(path) !== kind);
  if (other !== undefined)
    throw wrong(
      `The folder holds both ${printable(first)} and ${printable(other)}.`,
      'Keep images and recordings in folders of their own.',
    );
  const subfolders = files.map((path) => subfolderOf(folder, path));
  const names = [...new Set(subfolders)];
  if (names.length === 1 && names[0] === null && classes === null) return { kind, files, labels: null };
  const loose = files[subfolders.indexOf(null)];
  if (loose !== undefined)
    throw wrong(
      `${printable(loose)} is in no class's subfolder.`,
      'Put every sample into the subfolder of its class, or all straight into the folder.',
    );
  const known = classes ?? numbered(names.filter((name) => name !== null));
  const of = subfolders.map((name) => known.indexOf(name ?? ''));
  const unknown = subfolders[of.indexOf(-1)];
  if (unknown !== undefined)
    throw wrong(
      `The subfolder ${printable(JSON.stringify(unknown))} is none of the classes.`,
      `Classes: ${printable(known.join(', '), 200)}.`,
    );
  return { kind, files, labels: { of, names: known } };
}

/** Every file that a data file or folder consists of: itself, or all samples below it. Paths from the root, sorted. */
export function dataFiles(root: string, path: string): readonly string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return filesBelow(root, path).filter((file) => kindOf(file) !== null);
}

function kindOf(path: string): SampleFiles['kind'] | null {
  const type = extname(path).toLowerCase();
  if (imageTypes.includes(type)) return 'images';
  return recordingTypes.includes(type) ? 'recordings' : null;
}

function subfolderOf(folder: string, path: string): string | null {
  const [name, ...below] = relative(folder, path).split(sep);
  return below.length === 0 || name === undefined ? null : name;
}

/** `0`, `1`, `10` by number, with gaps kept; other names by the alphabet. */
function numbered(names: readonly string[]): readonly string[] {
  if (!names.every((name) => /^(0|[1-9]\d{0,4})$/.test(name))) return [...names].sort();
  return Array.from({ length: Math.max(...names.map(Number)) + 1 }, (_, label) => String(label));
}

function filesBelow(root: string, folder: string): string[] {
  const realRoot = realpathSync(root);
  const found: string[] = [];
  const walk = (path: string, depth: number): void => {
    if (depth > deepest)
      throw new DeployError('input', 'The folders are nested too deep.', { file: path }, 'Flatten them.');
    for (const name of readdirSync(join(root, path)).sort()) {
      if (name.startsWith('.')) continue;
      const below = `${path}/${name}`;
      const entry = insideEntry(root, realRoot, below);
      if (entry.isDirectory()) walk(below, depth + 1);
      else if (entry.isFile()) found.push(below);
      if (found.length > mostFiles)
        throw new DeployError(
          'input',
          `The folder holds more than ${mostFiles} files.`,
          { file: folder },
          'Give fewer samples.',
        );
    }
  };
  walk(folder.replace(/\/+$/, ''), 1);
  return found;
}

/** What a path is, links followed only within the project; folders behind links are not walked. */
function insideEntry(root: string, realRoot: string, path: string) {
  const entry = lstatSync(join(root, path));
  if (!entry.isSymbolicLink()) return entry;
  const refused = new DeployError(
    'input',
    'This link leads nowhere, or out of the project.',
    { file: path },
    'Put the file itself into the project.',
  );
  let real: string;
  try {
    real = realpathSync(join(root, path));
  } catch {
    throw refused;
  }
  const target = statSync(real);
  const away = relative(realRoot, real);
  if (away === '..' || away.startsWith(`..${sep}`) || !target.isFile()) throw refused;
  return target;
}
