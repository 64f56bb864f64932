import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { elementCount } from '../graph/graph.ts';
import { type Constant, floatConstant, integerConstant, mostElements, picked } from './constant.ts';
import { storedFiles } from './zip.ts';

/** What torch.export wrote: a zip of a graph in JSON and raw tensors. Nothing in it is ever unpickled. */

const longestJson = 64 * 1024 * 1024;

/** An argument as PyTorch's schema writes it: one key such as `as_tensor` or `as_ints`. */
const argument = z.record(z.string(), z.unknown());

const node = z.looseObject({
  target: z.string(),
  inputs: z.array(z.looseObject({ name: z.string(), arg: argument })).max(1000),
  outputs: z.array(argument).max(1000),
});

const size = z.union([
  z.looseObject({ as_int: z.int() }),
  z.looseObject({ as_expr: z.looseObject({ expr_str: z.string() }) }),
]);

const tensorMeta = z.looseObject({
  dtype: z.int(),
  sizes: z.array(size).max(16),
  strides: z.array(size).max(16),
  storage_offset: size,
});

const model = z.looseObject({
  schema_version: z.looseObject({ major: z.int() }),
  graph_module: z.looseObject({
    graph: z.looseObject({
      nodes: z.array(node).max(10_000),
      tensor_values: z.record(z.string(), tensorMeta),
    }),
    signature: z.looseObject({
      input_specs: z.array(argument).max(10_000),
      output_specs: z.array(argument).max(1000),
    }),
  }),
});

const tensorList = z.looseObject({
  config: z.record(
    z.string(),
    z.looseObject({ path_name: z.string(), use_pickle: z.boolean().optional(), tensor_meta: tensorMeta }),
  ),
});

export type Pt2Node = z.infer<typeof node>;
export type TensorMeta = z.infer<typeof tensorMeta>;

export interface Pt2File {
  readonly name: string;
  readonly nodes: readonly Pt2Node[];
  /** Type and sizes of each value. */
  readonly values: Readonly<Record<string, TensorMeta>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** For each argument of the graph that is a weight, its tensor. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
}

export interface StoredTensor {
  readonly name: string;
  readonly meta: TensorMeta;
  readonly isPickled: boolean;
  readonly bytes: Uint8Array | null;
}

/** torch's ScalarType in export's schema. */
const types: Readonly<Record<number, { readonly bytes: number; readonly isFloat: boolean }>> = {
  1: { bytes: 1, isFloat: false },
  2: { bytes: 1, isFloat: false },
  3: { bytes: 2, isFloat: false },
  4: { bytes: 4, isFloat: false },
  5: { bytes: 8, isFloat: false },
  7: { bytes: 4, isFloat: true },
  8: { bytes: 8, isFloat: true },
};

export const float32Code = 7;

const readSchema = 8;

export function readPt2File(bytes: Uint8Array, name: string): Pt2File {
  const files = storedFiles(name, bytes);
  const refuse = (what: string, hint = 'Export the model again with torch.export.save.') =>
    new DeployError('input', `${what}.`, { file: name }, hint);
  const graphs = [...files.keys()].filter((path) => /^[^/]+\/models\/[^/]+\.json$/.test(path));
  const [path] = graphs;
  if (path === undefined) {
    if ([...files.keys()].some((entry) => /serialized_exported_program\.json$/.test(entry)))
      throw refuse(
        'this .pt2 is of PyTorch before 2.8, whose weights are a pickle, which is never opened',
        'Load it with a current PyTorch and call torch.export.save again.',
      );
    throw refuse('this archive holds no exported program');
  }
  if (graphs.length > 1) throw refuse(`the archive holds ${graphs.length} programs, but one is supported`);
  const parsed = parse(files.get(path), model, name, 'its program');
  if (parsed.schema_version.major !== readSchema)
    throw refuse(
      `version ${parsed.schema_version.major} of the export format is not supported, but ${readSchema} is`,
      'Export with a PyTorch of 2025 or 2026.',
    );
  const folder = path.slice(0, path.indexOf('/'));
  const program = path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
  const byteOrder = files.get(`${folder}/byteorder`);
  if (byteOrder !== undefined && new TextDecoder().decode(byteOrder.subarray(0, 16)).trim() !== 'little')
    throw refuse('the weights are big-endian', 'Export the model on a little-endian machine.');
  const stored = new Map<string, StoredTensor>();
  for (const kind of ['weights', 'constants']) {
    const list = files.get(`${folder}/data/${kind}/${program}_${kind}_config.json`);
    if (list === undefined) continue;
    for (const [key, entry] of Object.entries(parse(list, tensorList, name, `the list of ${kind}`).config))
      stored.set(key, {
        name: key,
        meta: entry.tensor_meta,
        isPickled: entry.use_pickle === true,
        bytes: files.get(`${folder}/data/${kind}/${entry.path_name}`) ?? null,
      });
  }
  const { graph, signature } = parsed.graph_module;
  const inputs: string[] = [];
  const weights = new Map<string, StoredTensor>();
  for (const spec of signature.input_specs) {
    const read = inputSpec(spec);
    if (read === null)
      throw refuse(
        `a model input of the kind ${printable(Object.keys(spec).join(', '))} is not supported`,
        'Export a model whose inputs are tensors.',
      );
    if (read.stored === null) inputs.push(read.argument);
    else {
      const tensor = stored.get(read.stored);
      if (tensor === undefined) throw refuse(`the weights ${printable(read.stored)} are not in the archive`);
      weights.set(read.argument, tensor);
    }
  }
  if (inputs.length > 64)
    throw refuse(`the model has ${inputs.length} inputs, more than the 64 that are allowed`);
  const outputs = signature.output_specs.map((spec) => {
    const output = nested(spec, 'user_output', 'arg', 'as_tensor', 'name');
    if (typeof output === 'string') return output;
    throw refuse(
      `a model output of the kind ${printable(Object.keys(spec).join(', '))} is not supported`,
      'Call model.eval() before exporting, and return tensors.',
    );
  });
  return { name, nodes: graph.nodes, values: graph.tensor_values, inputs, outputs, weights };
}

/** The value behind a path of keys; undefined where there is none. */
export function nested(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

function inputSpec(spec: unknown): { readonly argument: string; readonly stored: string | null } | null {
  const user = nested(spec, 'user_input', 'arg', 'as_tensor', 'name');
  if (typeof user === 'string') return { argument: user, stored: null };
  for (const [kind, key] of [
    ['parameter', 'parameter_name'],
    ['buffer', 'buffer_name'],
    ['tensor_constant', 'tensor_constant_name'],
  ] as const) {
    const argument = nested(spec, kind, 'arg', 'name');
    const stored = nested(spec, kind, key);
    if (typeof argument === 'string' && typeof stored === 'string') return { argument, stored };
  }
  return null;
}

function parse<Shape>(
  bytes: Uint8Array | undefined,
  schema: z.ZodType<Shape>,
  file: string,
  what: string,
): Shape {
  const broken = (why: string) =>
    new DeployError(
      'input',
      `the model is damaged: ${what} ${why}.`,
      { file },
      'Export the model again with torch.export.save.',
    );
  if (bytes === undefined || bytes.length > longestJson) throw broken('is missing or too large');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw broken('is no JSON');
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw broken(`is not as PyTorch writes it (${printable(issue?.path.map(String).join('.') ?? '')})`);
}

/** The number of a dimension; the name of a symbol where it is dynamic. */
export function sizeOf(dimension: z.infer<typeof size>): number | string {
  const known = nested(dimension, 'as_int');
  const symbol = nested(dimension, 'as_expr', 'expr_str');
  return typeof known === 'number' ? known : String(symbol);
}

/** A weight's elements, row-major. Throws DeployError. */
export function readStored(tensor: StoredTensor, file: string): Constant {
  const refuse = (what: string) =>
    new DeployError(
      'input',
      `${what}.`,
      { file, tensor: tensor.name },
      'Export the model again with torch.export.save.',
    );
  const { meta, bytes, isPickled } = tensor;
  if (isPickled) throw refuse('the weights are a pickle, which is never opened');
  const type = types[meta.dtype];
  if (type === undefined) throw refuse(`weights of PyTorch's type ${meta.dtype} are not supported`);
  const shape = meta.sizes.map(sizeOf).map(Number);
  const strides = meta.strides.map(sizeOf).map(Number);
  const first = Number(sizeOf(meta.storage_offset));
  const count = elementCount(shape);
  if (![...shape, ...strides, first].every((number) => Number.isInteger(number) && number >= 0))
    throw refuse('the shape or the strides make no sense');
  if (shape.length > 8 || strides.length !== shape.length || !(count <= mostElements))
    throw refuse('the weights are too large');
  const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * (strides[axis] as number), first);
  // Views of a larger storage: what they span is at most a few times what they are.
  if (last - first > 16 * count + 1024) throw refuse('the strides make no sense');
  if (bytes === null || (count > 0 && (last + 1) * type.bytes > bytes.length))
    throw refuse('the weights are missing or cut off');
  const span = bytes.subarray(first * type.bytes, (last + 1) * type.bytes);
  const values = picked(elementsOf(span, meta.dtype, type.bytes), shape, strides);
  return type.isFloat ? floatConstant(shape, values) : integerConstant(shape, values);
}

function elementsOf(bytes: Uint8Array, code: number, width: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(bytes.length / width);
  return Float64Array.from({ length: count }, (_, index) => {
    const at = index * width;
    switch (code) {
      case 1:
        return view.getUint8(at);
      case 2:
        return view.getInt8(at);
      case 3:
        return view.getInt16(at, true);
      case 4:
        return view.getInt32(at, true);
      case 5:
        return Number(view.getBigInt64(at, true));
      case 7:
        return view.getFloat32(at, true);
      default:
        return view.getFloat64(at, true);
    }
  });
}
