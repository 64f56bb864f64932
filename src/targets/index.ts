import { closest, distance } from 'fastest-levenshtein';
import { DeployError, printable } from '../errors.ts';
import { cores } from './cores.ts';
import { parts } from './parts.ts';
import type { Target } from './target.ts';

/** Every target by its name in tinyml.yml. Adding one is a data entry in cores.ts or parts.ts. */
export const targets: ReadonlyMap<string, Target> = new Map(
  [...cores, ...parts].map((target) => [target.name, target]),
);

/** Throws DeployError (`input`) that names the nearest known target. */
export function findTarget(name: string): Target {
  const target = targets.get(name);
  if (target !== undefined) return target;
  const known = [...targets.keys()];
  const nearest = closest(name.slice(0, 40).toLowerCase(), known);
  const isTypo = distance(name.slice(0, 40).toLowerCase(), nearest) <= nearest.length / 2;
  throw new DeployError(
    'input',
    `there is no target '${printable(name, 40)}'.`,
    {},
    `${isTypo ? `Did you mean '${nearest}'? ` : ''}Known targets: ${known.join(', ')}.`,
  );
}
