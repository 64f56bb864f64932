import { type DataArray, isFloatType } from '../data/array.ts';
import { openDataset } from '../data/dataset.ts';
import { inTensorOrder } from '../data/file_order.ts';
import { inputsOf } from '../data/input_names.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import { checkedOrder, finite } from '../data/quantized.ts';
import { DeployError } from '../errors.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import type { QuantizeSettings } from './project.ts';

const what = 'calibration data';

/**
 * Samples of a float model's inputs, spread evenly over the data: [N, ...input shape], or without the batch of 1. Throws
 * DeployError (kind `input`) for another shape or type, and for data that cannot show what the network computes: values
 * that are no finite numbers, or all the same.
 */
export function loadCalibration(
  folder: string,
  { calibration, samples }: Pick<QuantizeSettings, 'calibration' | 'samples'>,
  graph: Graph,
  preprocessing: Preprocessing = {},
): Float32Array[][] {
  const place = { inputs: calibration, labels: null, label: null, classes: null };
  const dataset = openDataset(folder, place, graph, preprocessing);
  try {
    const { count } = dataset;
    const taken = Math.min(samples, count);
    const inputs = inputsOf(graph).map((input, position) => {
      const array = dataset.inputs[position] as DataArray;
      const read = floatReader(array, input);
      const loaded = Array.from({ length: taken }, (_, sample) => read(Math.floor((sample * count) / taken)));
      requireVariance(loaded, array, graph.inputs.length > 1 ? input : null);
      return loaded;
    });
    return Array.from({ length: taken }, (_, sample) =>
      inputs.map((loaded) => loaded[sample] as Float32Array),
    );
  } finally {
    dataset.close();
  }
}

function floatReader(array: DataArray, input: Tensor): (index: number) => Float32Array {
  const order = checkedOrder(array, input, what);
  if (!isFloatType(array.type))
    throw new DeployError(
      'input',
      `The calibration data has elements of type ${array.type} where a float model takes floats.`,
      { file: array.file },
      'Save it as float32, scaled as in training.',
    );
  return (index) => {
    const values = Float32Array.from(inTensorOrder(array.row(index), order));
    // Also those that only float32 cannot hold.
    finite([...values], array, index, what);
    return values;
  };
}

function requireVariance(loaded: readonly Float32Array[], { file }: DataArray, input: Tensor | null): void {
  const value = loaded[0]?.[0];
  if (!loaded.every((values) => values.every((each) => each === value))) return;
  throw new DeployError(
    'input',
    `Every value of the calibration data is ${value}: it has no variance, so it shows nothing of what the network computes.`,
    { file, ...(input === null ? {} : { tensor: input.name }) },
    'Give a few dozen samples of real inputs.',
  );
}
