import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DeployError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Value } from './arrangement.ts';
import { NotCovered } from './hdf5.ts';
import { type KerasFile, parsed, readKerasFile } from './keras_file.ts';
import { kerasLayers } from './keras_layers.ts';
import { outputValue } from './model_edges.ts';
import { Network } from './network.ts';
import type { ModelSource } from './tflite.ts';

/**
 * Reads a `.keras` file of Keras 3 without TensorFlow, where it is a network of layers that are known here in every one
 * of their settings; null for any other, also a damaged or hostile one: the converter says what is wrong with it.
 */
export function importKeras(bytes: Uint8Array, source: ModelSource): Graph | null {
  try {
    return build(readKerasFile(bytes, source.file), bytes, source);
  } catch (error) {
    if (error instanceof NotCovered || error instanceof DeployError) return null;
    throw error;
  }
}

const inputLayer = z.object({
  batch_shape: z.array(z.int().min(1).max(65_535).nullable()).min(2).max(5),
  dtype: z.literal('float32'),
  sparse: z.literal(false),
  ragged: z.literal(false).optional(),
  optional: z.literal(false).optional(),
});

function build(
  { layers, inputs, outputs, weights }: KerasFile,
  bytes: Uint8Array,
  source: ModelSource,
): Graph {
  const { file } = source;
  const network = new Network(file);
  const values = new Map<string, Value>();
  for (const name of inputs) {
    const found = layers.find((layer) => layer.name === name);
    const { batch_shape: shape } = parsed(inputLayer, found?.config);
    if (shape.slice(1).includes(null)) throw new NotCovered('a dynamic dimension');
    const sizes = shape.map((size) => size ?? 1);
    values.set(name, network.input(name, sizes, [...sizes.keys()]));
  }
  for (const { kind, name, config, inputs: read } of layers) {
    if (kind === 'InputLayer') continue;
    const make = kerasLayers.get(kind);
    if (make === undefined) throw new NotCovered(`the layer ${kind}`);
    const value = make({
      network,
      name,
      where: { file, operator: `${kind} "${name}"` },
      config,
      inputs: read.map((input) => outputValue(network, input, values.get(input))),
      weights: weights.get(name) ?? [],
    });
    values.set(name, value);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return network.finish(
    { name: source.name, source: { file, format: 'keras', sha256, bytes: bytes.length } },
    outputs.map((name) => ({ name, value: outputValue(network, name, values.get(name)) })),
  );
}
