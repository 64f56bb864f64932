import { realpath } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { DeployError, printable } from '../errors.ts';

/**
 * The path of a file that a model needs, by the name that the model gives it: in the model's folder or below it. A link
 * must stay in the project, or in the model's folder: weights end up in what is published, so a link to any other file
 * of the machine would publish that, and one to a device would never end. Throws DeployError (kind `input`).
 */
export async function fileBeside(folder: string, model: string, name: string): Promise<string> {
  const isInside =
    name !== '' &&
    !name.includes('\0') &&
    !/^[/\\]|^[A-Za-z]:|\\/.test(name) &&
    !name.split('/').includes('..');
  if (!isInside)
    throw refused(
      model,
      name,
      'is not beside the model',
      'Put that file into the folder of the model, or export with external_data=False.',
    );
  const path = posix.join(posix.dirname(model), name);
  const real = await realpath(join(folder, path)).catch(() => null);
  if (real === null)
    throw refused(
      model,
      name,
      'is not there',
      'Commit that file beside the model, or export with external_data=False.',
    );
  const homes = await Promise.all([folder, join(folder, posix.dirname(model))].map((home) => realpath(home)));
  if (!homes.some((home) => isBelow(relative(home, real))))
    throw refused(
      model,
      name,
      'is a link that leads out of the project',
      'Put the file itself into the folder of the model.',
    );
  return path;
}

function refused(model: string, name: string, why: string, hint: string): DeployError {
  const what = `its weights are in ${printable(JSON.stringify(name))}, which ${why}.`;
  return new DeployError('input', what, { file: model }, hint);
}

function isBelow(path: string): boolean {
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
