import type { Tensor } from '../graph/graph.ts';

/** How rows of a data file become elements of an input. */
export interface RowOrder {
  /** For each element of the tensor its place in the row; null where they agree. */
  readonly places: readonly number[] | null;
}

/**
 * Data of shape [N, ...shape] or, for a batch of 1, [N, ...shape without the 1], in the order of the file that the model
 * came from (channels first, as in training), or in the tensor's own. null: the shape is neither.
 */
export function rowOrder(row: readonly number[], { shape, fileOrder }: Tensor): RowOrder | null {
  const isSame = (wanted: readonly number[]) =>
    wanted.join() === row.join() || (wanted[0] === 1 && wanted.slice(1).join() === row.join());
  if (fileOrder !== undefined) {
    const inFile = shapeInFile(shape, fileOrder);
    if (isSame(inFile)) return { places: placesOf(shape, inFile, fileOrder) };
  }
  return isSame(shape) ? { places: null } : null;
}

/** The shape that data should have, without a batch of 1. */
export function dataShape({ shape, fileOrder }: Tensor): readonly number[] {
  const whole = fileOrder === undefined ? shape : shapeInFile(shape, fileOrder);
  return whole[0] === 1 ? whole.slice(1) : whole;
}

export function inTensorOrder(row: readonly number[], { places }: RowOrder): readonly number[] {
  return places === null ? row : places.map((place) => row[place] as number);
}

function shapeInFile(shape: readonly number[], fileOrder: readonly number[]): readonly number[] {
  return shape.map((_, dim) => shape[fileOrder.indexOf(dim)] as number);
}

function placesOf(
  shape: readonly number[],
  inFile: readonly number[],
  fileOrder: readonly number[],
): readonly number[] {
  const strides = inFile.map((_, dim) => inFile.slice(dim + 1).reduce((a, b) => a * b, 1));
  return shape.reduce<readonly number[]>(
    (places, size, axis) =>
      places.flatMap((place) =>
        Array.from({ length: size }, (_, at) => place + at * (strides[fileOrder[axis] as number] as number)),
      ),
    [0],
  );
}
