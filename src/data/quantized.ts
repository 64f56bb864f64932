import { DeployError } from '../errors.ts';
import { bytesOf, elementCount, type Tensor, typedArray } from '../graph/graph.ts';
import { type DataArray, isFloatType } from './array.ts';
import { dataShape, inTensorOrder, type RowOrder, rowOrder } from './file_order.ts';

/** Reads a sample of one input: its little-endian bytes. */
export type InputReader = (index: number) => Uint8Array;

/** How the rows of an array become elements of an input. `what`: `test data`. Throws DeployError for another shape. */
export function checkedOrder(array: DataArray, input: Tensor, what: string): RowOrder {
  const row = array.shape.slice(1);
  const isWhole = row.reduce((product, size) => product * size, 1) === elementCount(input.shape);
  if (array.arrangement === 'made' && isWhole) return { places: null };
  const order = rowOrder(array.arrangement === 'flat' && isWhole ? dataShape(input) : row, input);
  if (order !== null) return order;
  throw new DeployError(
    'input',
    `The ${what} has the shape ${show(array.shape)} where the model takes ${show(['N', ...dataShape(input)])}.`,
    { file: array.file, tensor: input.name },
    'The first axis counts the samples; the others are those of the input.',
  );
}

function show(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

/** Finite, or a DeployError that names the sample. */
export function finite(
  row: readonly number[],
  array: DataArray,
  index: number,
  what: string,
): readonly number[] {
  if (row.every(Number.isFinite)) return row;
  throw new DeployError(
    'input',
    `Sample ${index} of the ${what} holds a value that is not a finite number.`,
    { file: array.file },
    'Remove or replace it.',
  );
}

const exactTypes = { int8: 'i1', uint8: 'u1', int16: 'i2', int32: 'i4', int64: 'i8', bool: 'b1' } as const;
const ranges = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  bool: [0, 1],
} as const;

/**
 * Integers of the input's own type are its elements; floats are real numbers: quantized where the input has a scale, else
 * taken by float32 inputs. Inputs that count or choose, which have no scale, take whole numbers of any type. Throws
 * DeployError (kind `input`) for any other type, and for another shape.
 */
export function inputReader(array: DataArray, input: Tensor, what: string): InputReader {
  const order = checkedOrder(array, input, what);
  const elements = elementsOf(array, input, what);
  return (index) => pack(input.type, elements(inTensorOrder(array.row(index), order), index));
}

function elementsOf(
  array: DataArray,
  input: Tensor,
  what: string,
): (row: readonly number[], index: number) => readonly number[] {
  const { type, quantization } = input;
  const isReal = isFloatType(array.type);
  if (type === 'float32') {
    if (isReal) return (row, index) => finite(row, array, index, what).map(Math.fround);
    throw wrongType(array, input, what, 'Save it as float32.');
  }
  if (array.type === exactTypes[type] && array.arrangement === undefined) return (row) => row;
  const scale = quantization?.scales[0];
  const [low, high] = ranges[type];
  if (scale === undefined) {
    if (isReal && array.arrangement === undefined) throw wrongType(array, input, what, `Save it as ${type}.`);
    return (row, index) => {
      if (row.every((value) => Number.isInteger(value) && value >= low && value <= high)) return row;
      throw new DeployError(
        'input',
        `Sample ${index} of the ${what} holds a value that is no ${type}.`,
        { file: array.file, tensor: input.name },
        `Give whole numbers from ${low} to ${high}.`,
      );
    };
  }
  if (!isReal) throw wrongType(array, input, what, `Save it as ${type}, or as float32 to have it quantized.`);
  const zeroPoint = quantization?.zeroPoints[0] ?? 0;
  return (row, index) =>
    finite(row, array, index, what).map((value) => {
      const steps = roundAwayFromZero(Math.fround(Math.fround(value) / Math.fround(scale))) + zeroPoint;
      return Math.min(high, Math.max(low, steps));
    });
}

function wrongType(array: DataArray, input: Tensor, what: string, hint: string): DeployError {
  return new DeployError(
    'input',
    `The ${what} has elements of type ${array.type} where the model takes ${input.type}.`,
    { file: array.file, tensor: input.name },
    hint,
  );
}

/** C's round(), which TensorFlow Lite quantizes with: halves go away from zero. */
function roundAwayFromZero(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

function pack(type: Tensor['type'], values: readonly number[]): Uint8Array {
  if (type === 'int64') return bytesOf(BigInt64Array.from(values, BigInt));
  const array = typedArray(type, new Uint8Array(values.length * bytesEach[type]));
  (array as Exclude<typeof array, BigInt64Array>).set(values);
  return bytesOf(array);
}

const bytesEach = { int8: 1, uint8: 1, bool: 1, int16: 2, int32: 4, float32: 4 } as const;
