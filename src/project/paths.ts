import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { DeployError, type Place, printable } from '../errors.ts';

/** The path of a file that must lie in the folder, links followed: relative to the folder, with `/`. Throws DeployError. */
export function fileInside(folder: string, written: string, what: string, where: Place): string {
  return inside(folder, written, what, where, false);
}

/** The same for a file or a folder. */
export function pathInside(folder: string, written: string, what: string, where: Place): string {
  return inside(folder, written, what, where, true);
}

function inside(folder: string, written: string, what: string, where: Place, mayBeFolder: boolean): string {
  const shown = `"${printable(written)}"`;
  if (isAbsolute(written) || written.includes('\0') || isOutside(relative(folder, resolve(folder, written))))
    throw new DeployError(
      'input',
      `${what} ${shown} is outside of the project's folder.`,
      where,
      'Give a path inside it, relative to tinyml.yml.',
    );
  const real = existing(folder, written, what, where, mayBeFolder);
  if (isOutside(relative(realpathSync(folder), real)))
    throw new DeployError(
      'input',
      `${what} ${shown} is a link that leads out of the project's folder.`,
      where,
      'Put the file itself into the project.',
    );
  return pathFrom(folder, written);
}

/** The path of a file that a person named on the command line, wherever it is. Throws DeployError. */
export function fileAnywhere(folder: string, written: string, what: string): string {
  existing(folder, written, what, {}, false);
  return pathFrom(folder, written);
}

/** Links followed. */
function existing(folder: string, written: string, what: string, where: Place, mayBeFolder: boolean): string {
  const shown = `"${printable(written)}"`;
  let real: string;
  try {
    real = realpathSync(resolve(folder, written));
  } catch {
    throw new DeployError('input', `${what} ${shown} does not exist.`, where, 'Check the path and its case.');
  }
  const found = statSync(real);
  if (!found.isFile() && !(mayBeFolder && found.isDirectory()))
    throw new DeployError('input', `${what} ${shown} is not a file.`, where, 'Give the path of a file.');
  try {
    accessSync(real, constants.R_OK);
  } catch {
    throw new DeployError('input', `${what} ${shown} may not be read.`, where, 'Change its permissions.');
  }
  return real;
}

/** With `/` on every system. */
export function pathFrom(folder: string, path: string): string {
  return relative(folder, resolve(folder, path)).split(sep).join('/');
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}
