import { DeployError, printable } from '../errors.ts';
import { elementCount, type Graph, type Tensor, tensorAt } from '../graph/graph.ts';
import { dataShape, inTensorOrder, type RowOrder, rowOrder } from './file_order.ts';
import { type NpyFile, openNpy } from './npy.ts';
import type { TestData } from './project.ts';

/** Test data as the firmware takes it. */
export interface LoadedSample {
  /** Position in the file, 0-based. */
  readonly index: number;
  /** The packed bytes of the model's one input. */
  readonly input: Uint8Array;
  /** Right class; null without labels. */
  readonly label: number | null;
}

/**
 * Reads and converts the chosen samples, spread evenly over the file (data sorted by class stays fair).
 * Inputs are [N, ...input shape] or, for a model with batch 1, [N, ...input shape without the 1]: exact integers of the
 * input's type, or floats that are quantized with the input's scale and zero point as TensorFlow Lite does.
 * Throws DeployError (kind `input`) for a wrong shape, type or value.
 */
export function loadTestData(folder: string, data: TestData, graph: Graph): LoadedSample[] {
  const input = onlyInput(data, graph);
  const inputs = openNpy(folder, data.inputs);
  try {
    const order = checkedOrder(inputs, input);
    const convert = conversion(inputs, input);
    const count = inputs.shape[0] ?? 0;
    const labels = data.labels === null ? null : loadLabels(folder, data.labels, count, graph);
    const samples = Math.min(data.samples, count);
    return Array.from({ length: samples }, (_, sample) => {
      const index = Math.floor((sample * count) / samples);
      return {
        index,
        input: convert(inTensorOrder(inputs.row(index), order), index),
        label: labels?.[index] ?? null,
      };
    });
  } finally {
    inputs.close();
  }
}

function onlyInput(data: TestData, graph: Graph): Tensor {
  const [first, ...others] = graph.inputs;
  if (first === undefined || others.length > 0)
    throw new DeployError(
      'input',
      `The model has ${graph.inputs.length} inputs, and test data can only feed one.`,
      { file: data.inputs },
      'Remove `test-data` for this model.',
    );
  return tensorAt(graph, first);
}

function checkedOrder(inputs: NpyFile, input: Tensor): RowOrder {
  const order = rowOrder(inputs.shape.slice(1), input);
  if (order !== null) return order;
  throw new DeployError(
    'input',
    `The test data has the shape ${show(inputs.shape)} where the model takes ${show(['N', ...dataShape(input)])}.`,
    { file: inputs.file, tensor: input.name },
    'The first axis counts the samples; the others are those of the input.',
  );
}

function show(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

const integerTypes = { int8: 'i1', uint8: 'u1', int16: 'i2', int32: 'i4' } as const;
const integerRanges = { int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767] } as const;

type Conversion = (row: readonly number[], index: number) => Uint8Array;

/** How a row of the file becomes bytes of the input. */
function conversion(inputs: NpyFile, input: Tensor): Conversion {
  const type = input.type;
  const isFloatFile = inputs.type === 'f4' || inputs.type === 'f8';
  if (type === 'float32' && isFloatFile)
    return (row, index) => pack(type, finite(row, inputs, index).map(Math.fround));
  if (isInteger(type) && inputs.type === integerTypes[type]) return (row) => pack(type, row);
  const scale = input.quantization?.scales[0];
  if (isFloatFile && scale !== undefined && (type === 'int8' || type === 'uint8' || type === 'int16')) {
    const [low, high] = integerRanges[type];
    const zeroPoint = input.quantization?.zeroPoints[0] ?? 0;
    return (row, index) =>
      pack(
        type,
        finite(row, inputs, index).map((value) =>
          Math.min(
            high,
            Math.max(
              low,
              roundAwayFromZero(Math.fround(Math.fround(value) / Math.fround(scale))) + zeroPoint,
            ),
          ),
        ),
      );
  }
  throw new DeployError(
    'input',
    `The test data has elements of type ${inputs.type} where the model takes ${type}.`,
    { file: inputs.file, tensor: input.name },
    type === 'float32' ? 'Save it as float32.' : `Save it as ${type}, or as float32 to have it quantized.`,
  );
}

function isInteger(type: string): type is keyof typeof integerTypes {
  return Object.hasOwn(integerTypes, type);
}

function finite(row: readonly number[], inputs: NpyFile, index: number): readonly number[] {
  if (row.every(Number.isFinite)) return row;
  throw new DeployError(
    'input',
    `Sample ${index} of the test data holds a value that is not a finite number.`,
    { file: inputs.file },
    'Remove or replace it.',
  );
}

/** C's round(), which TensorFlow Lite quantizes with: halves go away from zero. */
function roundAwayFromZero(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

function pack(type: Tensor['type'], values: readonly number[]): Uint8Array {
  switch (type) {
    case 'int8':
      return new Uint8Array(Int8Array.from(values).buffer);
    case 'int16':
      return new Uint8Array(Int16Array.from(values).buffer);
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer);
    default:
      return Uint8Array.from(values);
  }
}

function loadLabels(folder: string, file: string, count: number, graph: Graph): number[] {
  const labels = openNpy(folder, file);
  try {
    const [length = 0, ...rest] = labels.shape;
    if (length !== count || rest.some((dimension) => dimension !== 1))
      throw new DeployError(
        'input',
        `The labels have the shape ${show(labels.shape)} where ${count} samples need ${show([count])}.`,
        { file },
        'Give one class number for each sample.',
      );
    if (labels.type === 'f4' || labels.type === 'f8')
      throw new DeployError('input', 'The labels are floats.', { file }, 'Save them as uint8 or int32.');
    const output = graph.outputs[0];
    const classes = output === undefined ? 0 : elementCount(tensorAt(graph, output).shape);
    return Array.from({ length }, (_, index) => {
      const label = labels.row(index)[0] ?? -1;
      if (label < 0 || label >= classes)
        throw new DeployError(
          'input',
          `Label ${index} is ${printable(String(label))} where the model has the classes 0 to ${classes - 1}.`,
          { file },
          'Check that labels and model belong together.',
        );
      return label;
    });
  } finally {
    labels.close();
  }
}
