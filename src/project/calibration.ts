import { DeployError } from '../errors.ts';
import { elementCount, type Graph, tensorAt } from '../graph/graph.ts';
import { dataShape, inTensorOrder, rowOrder } from './file_order.ts';
import { openNpy } from './npy.ts';
import type { QuantizeSettings } from './project.ts';

/**
 * Samples of a float model's one input, spread evenly over a .npy file of floats: [N, ...input shape], or without the
 * batch of 1. Throws DeployError (kind `input`) for another shape or type, and for data that cannot show what the network
 * computes: values that are no finite numbers, or all the same.
 */
export function loadCalibration(
  folder: string,
  { calibration: file, samples }: Pick<QuantizeSettings, 'calibration' | 'samples'>,
  graph: Graph,
): Float32Array[][] {
  const [first = -1, ...others] = graph.inputs;
  if (others.length > 0)
    throw new DeployError(
      'input',
      `The model has ${graph.inputs.length} inputs, and calibration data can only feed one.`,
      { file },
      'Quantize the model where it is trained, and give the int8 file.',
    );
  const input = tensorAt(graph, first);
  const data = openNpy(folder, file);
  try {
    const [count = 0, ...row] = data.shape;
    const order = rowOrder(row, input);
    if (order === null)
      throw new DeployError(
        'input',
        `The calibration data has the shape [${data.shape.join(', ')}] where the model takes [${['N', ...dataShape(input)].join(', ')}].`,
        { file, tensor: input.name },
        'The first axis counts the samples; the others are those of the input.',
      );
    if (data.type !== 'f4' && data.type !== 'f8')
      throw new DeployError(
        'input',
        `The calibration data has elements of type ${data.type} where a float model takes floats.`,
        { file },
        'Save it as float32, scaled as in training.',
      );
    const taken = Math.min(samples, count);
    const loaded = Array.from({ length: taken }, (_, sample) => {
      const index = Math.floor((sample * count) / taken);
      const values = Float32Array.from(inTensorOrder(data.row(index), order));
      if (values.length !== elementCount(input.shape) || !values.every(Number.isFinite))
        throw new DeployError(
          'input',
          `Sample ${index} of the calibration data holds a value that is not a finite number.`,
          { file },
          'Remove or replace it.',
        );
      return values;
    });
    const value = loaded[0]?.[0];
    if (loaded.every((values) => values.every((each) => each === value)))
      throw new DeployError(
        'input',
        `Every value of the calibration data is ${value}: it has no variance, so it shows nothing of what the network computes.`,
        { file },
        'Give a few dozen samples of real inputs.',
      );
    return loaded.map((values) => [values]);
  } finally {
    data.close();
  }
}
