import {
  Alias,
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
} from 'yaml';
import { DeployError, type Place, printable } from '../errors.ts';

/** A YAML file as data, with the place of every value. */
export interface YamlFile {
  readonly value: unknown;
  /** Line and column of the value at `path`, or of the nearest value above it. */
  place(path: readonly PropertyKey[]): Place;
  /** Line and column of a key in the mapping at `path`. */
  keyPlace(path: readonly PropertyKey[], key: string): Place;
}

/** A configuration is a page; a file beyond this is an attack or a mistake. */
export const maximumYamlBytes = 256 * 1024;
/** An alias may be followed this often in all, which stops exponential expansion. */
const maximumAliases = 100;

/** Parses one YAML 1.2 document. Throws DeployError with line and column. */
export function parseYaml(text: string, file: string): YamlFile {
  if (Buffer.byteLength(text) > maximumYamlBytes)
    throw new DeployError('input', 'The file is larger than 256 KiB.', { file }, 'Make it smaller.');
  const lines = new LineCounter();
  let document: Document;
  let value: unknown;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: 'core',
      stringKeys: true,
    });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const { line, col } = lines.linePos(problem.pos[0]);
      const what = printable(problem.message).replace(/\.?$/, '.');
      throw new DeployError('input', `Not valid YAML: ${what}`, { file, line, column: col });
    }
    value = document.toJS({ maxAliasCount: maximumAliases });
  } catch (error) {
    if (error instanceof DeployError) throw error;
    // The library throws plain errors for aliases beyond the limit and for nesting beyond the call stack.
    throw new DeployError(
      'input',
      'The YAML is nested or repeated by aliases beyond all reason.',
      { file },
      'Write it out plainly.',
    );
  }

  const at = (node: unknown): Place => {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset === undefined) return { file, line: 1, column: 1 };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const resolved = (node: unknown): unknown => (node instanceof Alias ? node.resolve(document) : node);
  const find = (path: readonly PropertyKey[]): unknown => {
    let node: unknown = document.contents;
    for (const step of path) {
      const parent = resolved(node);
      const next = isCollection(parent) ? parent.get(step, true) : undefined;
      if (next === undefined || next === null) break;
      node = next;
    }
    return node;
  };

  return {
    value,
    place: (path) => at(find(path)),
    keyPlace: (path, key) => {
      const map = resolved(find(path));
      const pair = isMap(map)
        ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
        : undefined;
      return at(pair?.key ?? map);
    },
  };
}
