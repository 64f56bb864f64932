import { createHash } from 'node:crypto';
import { DeployError, printable } from '../errors.ts';
import { isFloat } from '../graph/float.ts';
import type { ElementType, Graph, Operator, Quantization, Tensor } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate.ts';
import { checkOperators } from '../operators/check.ts';
import { operators, operatorsByCode } from '../operators/index.ts';
import { fixShapes, type GivenSizes } from './fixed_sizes.ts';
import {
  byteVector,
  damaged,
  type FlatbufferFile,
  float32Vector,
  int8Field,
  int32Field,
  int32Vector,
  int64Vector,
  openFlatbuffer,
  rootTable,
  stringField,
  type Table,
  tableField,
  tableVector,
  uint8Field,
  uint32Field,
  uint64Field,
} from './flatbuffer.ts';
import { expandFloatRecurrent } from './float_recurrent.ts';
import { foldIslands } from './fold_islands.ts';
import { widenHalfFloats, withoutWidening } from './half_floats.ts';
import { withInputShapes } from './infer_shapes.ts';
import { initialStateOf, type StateAllowance, stateAllowance } from './initial_state.ts';
import { optionsReader } from './options.ts';
import { foldShapes, shapeOperators } from './shape_operators.ts';
import {
  bufferFields,
  builtinOperatorName,
  customOperatorCode,
  fileIdentifier,
  modelFields,
  operatorCodeFields,
  operatorFields,
  quantizationFields,
  subgraphFields,
  tensorFields,
  tensorTypes,
} from './tflite_schema.ts';
import { signatureNames } from './tflite_signature.ts';
import { fromUint8 } from './uint8.ts';
import { insteadOfUnknown } from './unknown_operator.ts';
import {
  type CalledSubgraph,
  firstValues,
  type ResolvedVariables,
  resolvedOperators,
  resolveVariables,
  type Variable,
  type VariableName,
  variableLabel,
} from './variables.ts';

const mostTensors = 10_000;
const longestName = 1024;

/** Where a model comes from: its path as the user knows it, and the C name that it gets. */
export interface ModelSource {
  readonly file: string;
  readonly name: string;
  /** What tinyml.yml says of dimensions that the file leaves open. */
  readonly sizes?: GivenSizes | undefined;
}

/**
 * Reads a .tflite model whose operators we all compute; a float model (isFloat) has yet to be quantized. Anything else, also a hostile file, is a DeployError
 * (kind `input`) that names the file and the tensor or operator; constants in the graph are views of `bytes`.
 */
export function importTflite(bytes: Uint8Array, source: ModelSource): Graph {
  recognise(bytes, source.file);
  const file = openFlatbuffer(source.file, bytes);
  const model = rootTable(file, 'the model');
  const reader: SubgraphReader = {
    file: source.file,
    subgraphs: tableVector(model, modelFields.subgraphs, 'subgraph', mostTensors),
    codes: tableVector(model, modelFields.operatorCodes, 'operator code', mostTensors),
    buffers: tableVector(model, modelFields.buffers, 'buffer', 2 * mostTensors),
    states: stateAllowance(),
  };
  const { signatureOf, ...main } = readMain(reader, signatureNames(model, 0));
  const read = withoutWidening({
    name: source.name,
    source: {
      file: source.file,
      format: 'tflite',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
    },
    ...main,
  });
  validateGraph(read);
  const sized = foldShapes(withFixedInputs(read, signatureOf, source.sizes));
  validateGraph(sized);
  const graph = foldIslands(validateGraph(expandFloatRecurrent(validateGraph(fromUint8(sized)))));
  validateGraph(graph);
  // What a float model computes is checked when it is quantized.
  if (!isFloat(graph)) checkOperators(graph);
  return graph;
}

/** Dynamic sizes fixed: as converters have them, the static shape, which is what runs otherwise, has a 1 there. */
function withFixedInputs(
  graph: Graph,
  signatureOf: Subgraph['signatureOf'],
  given: GivenSizes | undefined,
): Graph {
  const inputs = graph.inputs.flatMap((index) => {
    const tensor = graph.tensors[index];
    if (tensor === undefined) return [];
    const signature = signatureOf(index);
    const open = signature.length === tensor.shape.length ? signature : tensor.shape;
    return [{ index, name: tensor.name, shape: open, runs: tensor.shape }];
  });
  const { shapes, fixed } = fixShapes(graph.source.file, inputs, given);
  const changed = new Map(
    inputs.flatMap(({ index, runs }, position) => {
      const shape = shapes[position] ?? runs;
      return shape.join() === runs.join() ? [] : [[index, shape] as const];
    }),
  );
  const sized = changed.size === 0 ? graph : withInputShapes(graph, changed, signatureOf);
  return fixed.length === 0 ? sized : { ...sized, fixed };
}

interface SubgraphReader {
  readonly file: string;
  readonly subgraphs: readonly Table[];
  readonly codes: readonly Table[];
  readonly buffers: readonly Table[];
  readonly states: StateAllowance;
}

interface Subgraph extends Pick<Graph, 'tensors' | 'inputs' | 'outputs'> {
  readonly resolved: ResolvedVariables;
  /** A tensor's shape as it was exported, −1 where it is dynamic; empty: as it is. */
  readonly signatureOf: (tensor: number) => readonly number[];
}

/**
 * The first subgraph, which TensorFlow Lite Micro runs too, with the first values of its variables from those that run
 * once. `names`: of its inputs and outputs, by tensor.
 */
function readMain(
  reader: SubgraphReader,
  names: ReadonlyMap<number, string>,
): Pick<Graph, 'tensors' | 'operators' | 'inputs' | 'outputs'> & Pick<Subgraph, 'signatureOf'> {
  const { file } = reader;
  const main = readSubgraph(reader, 0);
  if (main.resolved.operators.length === 0)
    throw new DeployError('input', 'the model has no operators.', { file }, 'Export it again.');
  // What no operator calls is another signature's, or the body of control flow, whose operator is refused.
  const once = new Set(main.resolved.once);
  const values = new Map<string, Uint8Array>();
  for (const index of once) {
    const { resolved, tensors } = readSubgraph(reader, index);
    for (const [name, value] of firstValues(file, resolved, tensors)) values.set(name, value);
  }
  const { variables, operators: kept } = main.resolved;
  const edges = new Set([...main.inputs, ...main.outputs]);
  return {
    tensors: main.tensors.map((tensor) => {
      const value = values.get(variables.get(tensor.index)?.name ?? '');
      const name = edges.has(tensor.index) ? names.get(tensor.index) : undefined;
      return {
        ...tensor,
        ...(name === undefined ? {} : { name }),
        ...(value === undefined ? {} : { initialState: value }),
      };
    }),
    operators: kept,
    inputs: main.inputs,
    outputs: main.outputs,
    signatureOf: main.signatureOf,
  };
}

function readSubgraph(reader: SubgraphReader, position: number): Subgraph {
  const { file, codes, buffers, states } = reader;
  const subgraph = reader.subgraphs[position];
  if (subgraph === undefined)
    throw new DeployError(
      'input',
      `the model is damaged or cut off: it has no subgraph${position === 0 ? '' : ` ${position}`}.`,
      { file },
      'Copy or export the file again.',
    );
  const tables = tableVector(subgraph, subgraphFields.tensors, 'tensor', mostTensors);
  const operatorTables = tableVector(subgraph, subgraphFields.operators, 'operator', mostTensors);
  const inputs = int32Vector(subgraph, subgraphFields.inputs, 'the list of inputs');
  const outputs = int32Vector(subgraph, subgraphFields.outputs, 'the list of outputs');
  const resolved = resolveVariables(
    file,
    operatorTables.map((table, index) => readOperator(table, index, operatorKind(table, index, codes))),
  );
  const used = new Set([
    ...inputs,
    ...outputs,
    ...resolved.operators.flatMap((o) => [...o.inputs, ...o.outputs]),
  ]);
  const tensors = tables.map((table, index): Tensor => {
    if (!used.has(index)) return unusedTensor(table, index);
    const variable = resolved.variables.get(index);
    if (variable === undefined) return readTensor(table, index, buffers, states);
    const like = tables[variable.like];
    if (like === undefined)
      throw damaged(table.file, `tensor ${variable.like} is used, but there are only ${tables.length}`);
    return variableTensor(readTensor(like, variable.like, buffers, states), index, variable, states);
  });
  const signatureOf = (index: number) => {
    const table = tables[index];
    return table === undefined
      ? []
      : int32Vector(table, tensorFields.shapeSignature, `the shape signature of tensor ${index}`);
  };
  return { tensors, inputs, outputs, resolved, signatureOf };
}

/** A resource variable as the state tensor that holds its value. */
function variableTensor(
  { type, shape, quantization }: Tensor,
  index: number,
  { name }: Variable,
  states: StateAllowance,
): Tensor {
  const initialState = initialStateOf(type, shape, quantization, states);
  return { index, name: variableLabel(name), type, shape, quantization, data: null, initialState };
}

/** Says what a file is that is no .tflite model. */
function recognise(bytes: Uint8Array, file: string): void {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (start.startsWith('version https://git-lfs.github.com/spec'))
    throw new DeployError(
      'input',
      'this is a Git LFS pointer, not the model itself.',
      { file },
      'Run `git lfs pull`; in a workflow set `lfs: true` on actions/checkout.',
    );
  if (bytes.length === 0)
    throw new DeployError('input', 'the file is empty.', { file }, 'Export the model again.');
  if (start.slice(4, 8) !== fileIdentifier)
    throw new DeployError(
      'input',
      `this is not a TensorFlow Lite model: it ${bytes.length < 8 ? 'is too short' : `has ${printable(JSON.stringify(start.slice(4, 8)))} where ${fileIdentifier} should be`}.`,
      { file },
      'Give the .tflite file that the TFLite converter wrote.',
    );
}

/** The operator's name; its code is the larger of the new and the old field, as older files have only the old one. */
function operatorKind(table: Table, index: number, codes: readonly Table[]): string {
  const { file } = table;
  const position = uint32Field(table, operatorFields.opcodeIndex, 0);
  const entry = codes[position];
  if (entry === undefined)
    throw damaged(file, `operator ${index} uses operator code ${position} of ${codes.length}`);
  const code = Math.max(
    int8Field(entry, operatorCodeFields.deprecatedBuiltinCode, 0),
    int32Field(entry, operatorCodeFields.builtinCode, 0),
  );
  const kind =
    code === customOperatorCode
      ? `CUSTOM ${stringField(entry, operatorCodeFields.customCode, 'a custom operator name', longestName)}`
      : builtinOperatorName(code);
  if (operatorsByCode.has(code) || resolvedOperators.has(code) || shapeOperators.has(code)) return kind;
  throw new DeployError(
    'input',
    'this operator is not supported.',
    { file: file.name, operator: `${kind} #${index}` },
    insteadOfUnknown(operators.size),
  );
}

function readOperator(table: Table, index: number, kind: string): Operator {
  const options = tableField(table, operatorFields.builtinOptions, `the options of operator ${index}`);
  return {
    index,
    kind,
    inputs: int32Vector(table, operatorFields.inputs, `the inputs of operator ${index}`),
    outputs: int32Vector(table, operatorFields.outputs, `the outputs of operator ${index}`),
    options: readOptions(kind, options),
  };
}

function readOptions(kind: string, options: Table | null): unknown {
  const text = (field: number, what: string): string =>
    options === null ? '' : stringField(options, field, what, longestName);
  switch (kind) {
    case 'VAR_HANDLE':
      return {
        container: text(0, "a variable's container"),
        name: text(1, "a variable's name"),
      } satisfies VariableName;
    case 'CALL_ONCE':
      return { subgraph: options === null ? 0 : int32Field(options, 0, 0) } satisfies CalledSubgraph;
    default:
      return operators.get(kind)?.readOptions(optionsReader(options));
  }
}

/** A tensor that nothing uses: kept as a scalar so that indices stay those of the file. */
function unusedTensor(table: Table, index: number): Tensor {
  const name = stringField(table, tensorFields.name, `the name of tensor ${index}`, longestName);
  return { index, name, type: 'int8', shape: [], quantization: null, data: null };
}

function readTensor(table: Table, index: number, buffers: readonly Table[], states: StateAllowance): Tensor {
  const { file } = table;
  const name = stringField(table, tensorFields.name, `the name of tensor ${index}`, longestName);
  const refuse = (what: string, hint: string) =>
    new DeployError('input', `${what}.`, { file: file.name, tensor: name }, hint);
  const code = int8Field(table, tensorFields.type, 0);
  const known = tensorTypes[code];
  const half = known?.name === 'float16' ? constantData(table, index, buffers) : null;
  if (known === undefined || (known.type === null && half === null))
    throw refuse(
      `type ${known?.name ?? code} is not supported`,
      'Convert the model with full integer quantization (int8).',
    );
  if (tableField(table, tensorFields.sparsity, `the sparsity of tensor ${index}`) !== null)
    throw refuse('sparse tensors are not supported', 'Convert the model without sparsity (DENSIFY).');
  if (uint32Field(table, tensorFields.externalBuffer, 0) !== 0)
    throw refuse('data in a second file is not supported', 'Export the model as one file.');
  const shape = int32Vector(table, tensorFields.shape, `the shape of tensor ${index}`);
  if (shape.some((dimension) => dimension < 1))
    throw refuse(
      `the shape [${shape.join(', ')}] is dynamic or empty`,
      'Export the model with fixed shapes (batch size 1).',
    );
  if (half !== null)
    return { index, name, type: 'float32', shape, quantization: null, data: widenHalfFloats(half) };
  const type = known.type as ElementType;
  const quantization = readQuantization(table, index, type === 'float32');
  const tensor = { index, name, type, shape, quantization };
  if (uint8Field(table, tensorFields.isVariable, 0) === 0)
    return { ...tensor, data: constantData(table, index, buffers) };
  return { ...tensor, data: null, initialState: initialStateOf(type, shape, quantization, states) };
}

function readQuantization(tensor: Table, index: number, isFloat: boolean): Quantization | null {
  const table = tableField(tensor, tensorFields.quantization, `the quantization of tensor ${index}`);
  if (table === null || isFloat) return null;
  if (uint8Field(table, quantizationFields.detailsType, 0) !== 0)
    throw new DeployError(
      'input',
      'this kind of quantization (custom, blockwise) is not supported.',
      {
        file: tensor.file.name,
        tensor: stringField(tensor, tensorFields.name, 'a tensor name', longestName),
      },
      'Quantize per tensor or per channel.',
    );
  const scales = float32Vector(table, quantizationFields.scale, `the scales of tensor ${index}`);
  if (scales.length === 0) return null;
  const zeroPoints = int64Vector(table, quantizationFields.zeroPoint, `the zero points of tensor ${index}`);
  return {
    scales,
    zeroPoints: zeroPoints.length <= 1 ? scales.map(() => zeroPoints[0] ?? 0) : zeroPoints,
    axis: scales.length === 1 ? 0 : int32Field(table, quantizationFields.quantizedDimension, 0),
  };
}

/** The bytes of a constant; null for a value computed at run time, whose buffer is empty. */
function constantData(tensor: Table, index: number, buffers: readonly Table[]): Uint8Array | null {
  const position = uint32Field(tensor, tensorFields.buffer, 0);
  const buffer = buffers[position];
  if (buffer === undefined) {
    if (position === 0) return null;
    throw damaged(tensor.file, `tensor ${index} uses buffer ${position} of ${buffers.length}`);
  }
  const behind = dataBehind(buffer, position);
  if (behind !== null) return behind;
  const data = byteVector(buffer, bufferFields.data, `buffer ${position}`);
  return data === null || data.length === 0 ? null : data;
}

/** Data outside the flatbuffer, by offset from the start of the file; an offset of 0 or 1 means none. */
function dataBehind(buffer: Table, position: number): Uint8Array | null {
  const file: FlatbufferFile = buffer.file;
  const offset = uint64Field(buffer, bufferFields.offset, 0);
  const size = uint64Field(buffer, bufferFields.size, 0);
  if (offset <= 1) return null;
  if (offset + size > file.bytes.length)
    throw damaged(file, `buffer ${position} lies outside the file's ${file.bytes.length} bytes`);
  return size === 0 ? null : file.bytes.subarray(offset, offset + size);
}
