import { printable } from './errors.ts';

/** A name from a model as a key of a YAML mapping that a sentence shows: on one line, quoted where it has to be. */
export function yamlKey(name: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(name) ? printable(name, 60) : printable(JSON.stringify(name), 60);
}
