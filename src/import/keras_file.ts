import { z } from 'zod';
import { DeployError } from '../errors.ts';
import { type Constant, floatConstant } from './constant.ts';
import { type Hdf5Group, NotCovered, readHdf5 } from './hdf5.ts';
import { storedFiles } from './zip.ts';

/** A `.keras` file of Keras 3 as it is written: architecture as JSON, weights as HDF5, both stored in a zip. */

export interface KerasLayerEntry {
  readonly kind: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers that it reads, in order. */
  readonly inputs: readonly string[];
}

export interface KerasFile {
  /** In an order in which each layer's inputs are there before it. */
  readonly layers: readonly KerasLayerEntry[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of each layer that has some, in the order in which Keras made them. */
  readonly weights: ReadonlyMap<string, readonly Constant[]>;
}

const mostLayers = 10_000;

const metadata = z.object({ keras_version: z.string() });
const layerEntry = z.object({
  module: z.literal('keras.layers'),
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()),
  registered_name: z.null(),
  name: z.string().optional(),
  inbound_nodes: z.array(z.unknown()).optional(),
});
/** The first output of the first call of a layer. */
const history = z.tuple([z.string(), z.literal(0), z.literal(0)]);
const sequential = z.object({ layers: z.array(layerEntry).min(2).max(mostLayers) });
const functional = z.object({
  layers: z.array(layerEntry).min(2).max(mostLayers),
  input_layers: z.union([history, z.array(history)]),
  output_layers: z.union([history, z.array(history)]),
});
const kerasTensor = z.object({
  class_name: z.literal('__keras_tensor__'),
  config: z.object({ keras_history: history }),
});
/** Called once, on tensors alone; a mask or the mode of training would be something else. */
const inboundNode = z.strictObject({
  args: z.union([z.tuple([kerasTensor]), z.tuple([z.array(kerasTensor).min(1).max(64)])]),
  kwargs: z.strictObject({ mask: z.null().optional(), training: z.literal([null, false]).optional() }),
});
const model = z.object({ class_name: z.enum(['Functional', 'Sequential']), config: z.unknown() });

/** Throws NotCovered for anything but a plain network of Keras 3 with all its weights. */
export function readKerasFile(bytes: Uint8Array, file: string): KerasFile {
  const files = entriesOf(bytes, file);
  const { keras_version: version } = parsed(metadata, jsonOf(files, 'metadata.json'));
  if (!version.startsWith('3.')) throw new NotCovered('another generation of Keras');
  const { class_name: kind, config } = parsed(model, jsonOf(files, 'config.json'));
  const architecture =
    kind === 'Sequential' ? chain(parsed(sequential, config)) : network(parsed(functional, config));
  const stored = files.get('model.weights.h5');
  if (stored === undefined) throw new NotCovered('no weights');
  return { ...architecture, weights: weightsOf(readHdf5(stored, ['layers'])) };
}

function entriesOf(bytes: Uint8Array, file: string): ReadonlyMap<string, Uint8Array> {
  try {
    return storedFiles(file, bytes);
  } catch (error) {
    if (error instanceof DeployError) throw new NotCovered(error.what);
    throw error;
  }
}

function jsonOf(files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  const bytes = files.get(name);
  if (bytes === undefined || bytes.length > longestJson) throw new NotCovered(`no ${name}`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new NotCovered(`${name} is no JSON`);
  }
}

const longestJson = 16 * 1024 * 1024;

/** As the schema has it, or NotCovered. */
export function parsed<Shape extends z.ZodType>(schema: Shape, value: unknown): z.infer<Shape> {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data as z.infer<Shape>;
  throw new NotCovered(error.issues[0]?.message ?? 'another kind of file');
}

type Architecture = Pick<KerasFile, 'layers' | 'inputs' | 'outputs'>;

function chain({ layers: entries }: z.infer<typeof sequential>): Architecture {
  const layers: KerasLayerEntry[] = [];
  for (const entry of entries) {
    const before = layers.at(-1)?.name;
    layers.push({ ...identified(entry), inputs: before === undefined ? [] : [before] });
  }
  const names = layers.map(({ name }) => name);
  if (layers[0]?.kind !== 'InputLayer') throw new NotCovered('no shape of the input');
  return { layers, inputs: names.slice(0, 1), outputs: names.slice(-1) };
}

function network({ layers: entries, input_layers, output_layers }: z.infer<typeof functional>): Architecture {
  const known = new Set<string>();
  const layers = entries.map((entry): KerasLayerEntry => {
    const { kind, name, config } = identified(entry);
    const nodes = entry.inbound_nodes ?? [];
    if (nodes.length !== (kind === 'InputLayer' ? 0 : 1))
      throw new NotCovered('a layer that is called twice');
    const inputs = nodes.flatMap((node) =>
      parsed(inboundNode, node)
        .args.flat()
        .map((tensor) => tensor.config.keras_history[0]),
    );
    if (known.has(name) || !inputs.every((input) => known.has(input)))
      throw new NotCovered('layers out of order');
    known.add(name);
    return { kind, name, config, inputs };
  });
  const inputs = namesOf(input_layers);
  const given = layers.filter(({ kind }) => kind === 'InputLayer').map(({ name }) => name);
  if (inputs.length !== given.length || !inputs.every((name) => given.includes(name)))
    throw new NotCovered('other inputs than its input layers');
  return { layers, inputs, outputs: namesOf(output_layers) };
}

function identified({
  class_name: kind,
  config,
  name,
}: z.infer<typeof layerEntry>): Omit<KerasLayerEntry, 'inputs'> {
  const own = config.name;
  if (typeof own !== 'string' || (name !== undefined && name !== own))
    throw new NotCovered('a layer without a name');
  return { kind, name: own, config };
}

function namesOf(given: z.infer<typeof functional>['input_layers']): readonly string[] {
  const [first] = given;
  return typeof first === 'string'
    ? [first]
    : (given as readonly z.infer<typeof history>[]).map(([name]) => name);
}

/** Groups have names of their own; each says in an attribute whose weights it holds. */
function weightsOf(root: Hdf5Group): ReadonlyMap<string, readonly Constant[]> {
  const weights = new Map<string, readonly Constant[]>();
  for (const group of root.groups.get('layers')?.groups.values() ?? []) {
    const variables = group.groups.get('vars');
    const name = variables?.texts.get('name');
    // Dropout keeps the state of its random numbers; recurrent layers have all weights in their cell.
    const isPlain = [...group.groups.keys()].every((key) => ['vars', 'cell', 'seed_generator'].includes(key));
    if (variables === undefined || !isPlain || name === undefined || weights.has(name))
      throw new NotCovered('weights without the name of their layer');
    const cell = group.groups.get('cell');
    const held = cell === undefined ? variables : cell.groups.get('vars');
    if (held === undefined || (cell !== undefined && variables.datasets.size > 0))
      throw new NotCovered('weights in another place');
    const { datasets } = held;
    weights.set(
      name,
      Array.from({ length: datasets.size }, (_, index) => {
        const found = datasets.get(`${index}`)?.();
        if (found === undefined) throw new NotCovered('weights are missing');
        return floatConstant(found.shape, found.values);
      }),
    );
  }
  return weights;
}
