import { DeployError, printable } from '../errors.ts';
import type { FixedSize } from '../graph/graph.ts';
import { yamlKey } from '../yaml_key.ts';

/** Sizes that tinyml.yml gives to what a model leaves open. */
export interface GivenSizes {
  /** Whole shapes by input, in the model file's order of dimensions. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Sizes of dimensions that have names, by name. */
  readonly dimensions: Readonly<Record<string, number>>;
}

/** An input as the file declares it. */
export interface DeclaredInput {
  readonly name: string;
  /** A size; or the name of a dynamic one, `` where it has none. null: the file gives no shape. */
  readonly shape: readonly (number | string)[] | null;
}

export interface FixedShapes {
  /** One for each input. */
  readonly shapes: readonly (readonly number[])[];
  /** What was open in the file. */
  readonly fixed: readonly FixedSize[];
}

const none: GivenSizes = { shapes: {}, dimensions: {} };
const isBatch = (name: string) => /^(n|b|bs|batch|batch[_ ]?(size|dim)|.*[_/]batch)$/i.test(name);

/**
 * Fixes every dimension of every input: as tinyml.yml says; else the batch, which is one whose name says so or the first,
 * to 1. Throws the DeployError that shows what to add to tinyml.yml for any other, and for sizes there that fit nothing.
 */
export function fixShapes(
  file: string,
  inputs: readonly DeclaredInput[],
  given: GivenSizes = none,
): FixedShapes {
  requireKnown(file, inputs, given);
  const fixed: FixedSize[] = [];
  const shapes = inputs.map(({ name, shape }): readonly number[] => {
    const whole = Object.hasOwn(given.shapes, name) ? given.shapes[name] : undefined;
    if (shape === null) {
      if (whole !== undefined) return whole;
      throw refused(file, name, 'the input has no shape.', missingShape(name, []));
    }
    if (whole !== undefined && whole.length !== shape.length) throw mismatch(file, name, whole, shape);
    const batch = batchOf(shape, given);
    return shape.map((size, dimension): number => {
      const said = whole?.[dimension];
      if (typeof size === 'number' && size >= 1) {
        if (said !== undefined && said !== size) throw mismatch(file, name, whole ?? [], shape);
        return size;
      }
      const named =
        typeof size === 'string' && Object.hasOwn(given.dimensions, size)
          ? given.dimensions[size]
          : undefined;
      const pinned = said ?? named;
      if (pinned === undefined && dimension !== batch) throw open(file, name, shape, dimension, batch);
      const by = dimension === batch && (pinned ?? 1) === 1 ? 'batch' : 'config';
      fixed.push({
        input: name,
        dimension,
        name: typeof size === 'string' ? size : '',
        size: pinned ?? 1,
        by,
      });
      return pinned ?? 1;
    });
  });
  return { shapes, fixed };
}

function isOpen(size: number | string): boolean {
  return typeof size === 'string' || size < 1;
}

/** The dimension that becomes 1 by itself; -1: none. */
function batchOf(shape: readonly (number | string)[], { dimensions }: GivenSizes): number {
  const called = shape.findIndex((size) => typeof size === 'string' && isBatch(size));
  if (called >= 0) return called;
  const [first] = shape;
  const isGiven = typeof first === 'string' && Object.hasOwn(dimensions, first);
  return first !== undefined && isOpen(first) && !isGiven ? 0 : -1;
}

function open(
  file: string,
  name: string,
  shape: readonly (number | string)[],
  dimension: number,
  batch: number,
): DeployError {
  const names = shape.filter(
    (size, at): size is string => typeof size === 'string' && size !== '' && at !== batch,
  );
  const isNamed = shape.every(
    (size, at) => !isOpen(size) || at === batch || (typeof size === 'string' && size !== ''),
  );
  const hint = isNamed
    ? `Add \`dimensions: { ${[...new Set(names)].map((each) => `${yamlKey(each)}: SIZE`).join(', ')} }\` to this model in tinyml.yml, with the size that it runs with.`
    : missingShape(name, shape);
  const size = shape[dimension];
  const called = typeof size === 'string' && size !== '' ? ` (${printable(size, 60)})` : '';
  return refused(
    file,
    name,
    `dimension ${dimension}${called} of the input [${shown(shape)}] is dynamic.`,
    hint,
  );
}

function missingShape(name: string, shape: readonly (number | string)[]): string {
  const sizes =
    shape.length === 0
      ? '1, SIZE'
      : shape.map((size, at) => (isOpen(size) ? (at === 0 ? 1 : 'SIZE') : size)).join(', ');
  return `Add \`shapes: { ${yamlKey(name)}: [${sizes}] }\` to this model in tinyml.yml, with the sizes that it runs with.`;
}

function mismatch(
  file: string,
  name: string,
  whole: readonly number[],
  shape: readonly (number | string)[],
): DeployError {
  const what = `tinyml.yml gives it the shape [${whole.join(', ')}] where the model has [${shown(shape)}].`;
  return refused(file, name, what, 'Only dynamic dimensions may be chosen.');
}

function requireKnown(
  file: string,
  inputs: readonly DeclaredInput[],
  { shapes, dimensions }: GivenSizes,
): void {
  const names = inputs.map(({ name }) => name);
  const stranger = Object.keys(shapes).find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new DeployError(
      'input',
      `tinyml.yml gives a shape for ${printable(JSON.stringify(stranger), 60)}, which is no input of the model.`,
      { file },
      `Its inputs: ${printable(names.join(', '), 200)}.`,
    );
  const symbols = [
    ...new Set(
      inputs.flatMap(({ shape }) => shape ?? []).filter((size) => typeof size === 'string' && size !== ''),
    ),
  ];
  const unused = Object.keys(dimensions).find((name) => !symbols.includes(name));
  if (unused !== undefined)
    throw new DeployError(
      'input',
      `tinyml.yml gives a size for ${printable(JSON.stringify(unused), 60)}, which is no dynamic dimension of the model's inputs.`,
      { file },
      symbols.length === 0
        ? 'None of its dimensions has a name: give whole `shapes` by input.'
        : `Its dynamic dimensions: ${printable(symbols.join(', '), 200)}.`,
    );
}

function refused(file: string, tensor: string, what: string, hint: string): DeployError {
  return new DeployError('input', what, { file, tensor }, hint);
}

function shown(shape: readonly (number | string)[]): string {
  return printable(
    shape
      .map((size) => (isOpen(size) ? (typeof size === 'string' && size !== '' ? size : '?') : size))
      .join(', '),
    200,
  );
}
