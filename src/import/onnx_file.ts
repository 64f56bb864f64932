import { DeployError, printable } from '../errors.ts';
import { bytesPerElement, elementCount } from '../graph/graph.ts';
import { limits } from '../graph/validate.ts';
import { type Constant, floatConstant, integerConstant, mostElements } from './constant.ts';
import {
  bytesField,
  damagedMessage,
  floatField,
  floats,
  hasField,
  integerField,
  integers,
  type Message,
  messageField,
  messages,
  openProtobuf,
  rootMessage,
  textField,
  texts,
} from './protobuf.ts';

/** The parts of onnx.proto that importing reads, checked and decoded. */

const mostNodes = 10_000;
const longestName = 1024;
const mostInputs = 64;
const mostNodeInputs = 1024;
const mostNumbers = 100_000;

export interface OnnxNode {
  readonly index: number;
  readonly name: string;
  /** `Conv`; with its domain where that is not ONNX's own: `com.microsoft.Gelu`. */
  readonly kind: string;
  /** '' where an optional one is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Message>;
}

export interface OnnxInput {
  readonly name: string;
  /** TensorProto.DataType. */
  readonly type: number;
  /** A number, or the name of a dynamic dimension ('' when it has none). null: the file gives no shape. */
  readonly shape: readonly (number | string)[] | null;
}

export interface OnnxFile {
  readonly name: string;
  readonly irVersion: number;
  /** Of ONNX's own operators. */
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Message>;
  /** Without those that an initializer gives. */
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
  /** TensorProto.DataType by name, where the file gives it. */
  readonly outputTypes: ReadonlyMap<string, number>;
}

const modelFields = { irVersion: 1, graph: 7, opsets: 8 } as const;
const graphFields = { nodes: 1, initializers: 5, inputs: 11, outputs: 12, sparse: 15 } as const;
const nodeFields = { inputs: 1, outputs: 2, name: 3, kind: 4, attributes: 5, domain: 7 } as const;
const tensorFields = {
  dims: 1,
  type: 2,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  uint64s: 11,
  external: 13,
  location: 14,
} as const;
const allTensorFields = Object.values(tensorFields);
const attributeFields = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  floats: 7,
  integers: 8,
  texts: 9,
} as const;

/** The oldest opset that this reads: what exporters of 2019 wrote. Operators that changed since are told apart. */
const oldestOpset = 11;
/** Of ONNX 1.21 (2026). */
const newestOpset = 26;

/** Throws DeployError (kind `input`) for what is no ONNX model, or one too new. */
export function readOnnxFile(bytes: Uint8Array, name: string): OnnxFile {
  const file = openProtobuf(name, bytes);
  const model = rootMessage(file, 'the model', Object.values(modelFields));
  const graph = messageField(model, modelFields.graph, 'the graph', Object.values(graphFields));
  if (graph === null)
    throw new DeployError(
      'input',
      'this is not an ONNX model: it has no graph.',
      { file: name },
      'Give the .onnx file that the exporter wrote.',
    );
  const opsets = messages(model, modelFields.opsets, 'operator set', [1, 2], 1000);
  // Domains that no node uses do not matter.
  const own = opsets.filter((opset) => ['', 'ai.onnx'].includes(textField(opset, 1, longestName)));
  const opset = Math.max(0, ...own.map((entry) => integerField(entry, 2, 0)));
  if (opset < oldestOpset || opset > newestOpset)
    throw new DeployError(
      'input',
      opset === 0
        ? 'the model names no operator set.'
        : `operator set ${opset} is too ${opset > newestOpset ? 'new' : 'old'}: ${oldestOpset} to ${newestOpset} are read.`,
      { file: name },
      opset > newestOpset
        ? `Export with opset_version=${newestOpset} or below.`
        : 'Export with opset_version=20.',
    );
  if (hasField(graph, graphFields.sparse))
    throw new DeployError(
      'input',
      'sparse weights are not supported.',
      { file: name },
      'Export with dense weights.',
    );
  const initializers = new Map(
    messages(graph, graphFields.initializers, 'initializer', allTensorFields, mostNodes).map((tensor) => [
      textField(tensor, tensorFields.name, longestName),
      tensor,
    ]),
  );
  const inputs = messages(graph, graphFields.inputs, 'input', [1, 2], mostNodes)
    .map(readInput)
    .filter((input) => !initializers.has(input.name));
  const outputs = messages(graph, graphFields.outputs, 'output', [1, 2], mostNodes).map(readInput);
  if (inputs.length > mostInputs)
    throw new DeployError(
      'input',
      `the model has ${inputs.length} inputs, more than the ${mostInputs} that are allowed.`,
      { file: name },
      'Export the weights as initializers.',
    );
  return {
    name,
    irVersion: integerField(model, modelFields.irVersion, 0),
    opset,
    nodes: messages(graph, graphFields.nodes, 'node', Object.values(nodeFields), mostNodes).map(readNode),
    initializers,
    inputs,
    outputs: outputs.map(({ name: output }) => output),
    outputTypes: new Map(outputs.map(({ name: output, type }) => [output, type])),
  };
}

function readNode(node: Message, index: number): OnnxNode {
  const inputs = texts(node, nodeFields.inputs, longestName);
  if (inputs.length > mostNodeInputs)
    throw damagedMessage(node.file, `node ${index} has ${inputs.length} inputs`);
  const domain = textField(node, nodeFields.domain, longestName);
  const kind = textField(node, nodeFields.kind, longestName);
  const attributes = messages(node, nodeFields.attributes, 'attribute', Object.values(attributeFields), 1000);
  return {
    index,
    name: textField(node, nodeFields.name, longestName),
    kind: domain === '' || domain === 'ai.onnx' ? kind : `${domain}.${kind}`,
    inputs,
    outputs: texts(node, nodeFields.outputs, longestName),
    attributes: new Map(
      attributes.map((attribute) => [textField(attribute, attributeFields.name, longestName), attribute]),
    ),
  };
}

function readInput(input: Message, index: number): OnnxInput {
  const what = `the type of input ${index}`;
  const type = messageField(input, 2, what, [1]);
  const tensor = type === null ? null : messageField(type, 1, what, [1, 2]);
  const shape = tensor === null ? null : messageField(tensor, 2, `the shape of input ${index}`, [1]);
  return {
    name: textField(input, 1, longestName),
    type: tensor === null ? 0 : integerField(tensor, 1, 0),
    shape:
      shape === null
        ? null
        : messages(shape, 1, 'dimension', [1, 2], 64).map((dimension) =>
            hasField(dimension, 1) ? integerField(dimension, 1, 0) : textField(dimension, 2, longestName),
          ),
  };
}

export function attributeInteger(node: OnnxNode, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? fallback : integerField(attribute, attributeFields.integer, 0);
}

export function attributeFloat(node: OnnxNode, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? fallback : floatField(attribute, attributeFields.float, 0);
}

export function attributeText(node: OnnxNode, name: string, fallback: string): string {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? fallback : textField(attribute, attributeFields.text, longestName);
}

export function attributeIntegers(node: OnnxNode, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? null : integers(attribute, attributeFields.integers, mostNumbers);
}

export function attributeFloats(node: OnnxNode, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? null : floats(attribute, attributeFields.floats, 4, mostNumbers);
}

export function attributeTexts(node: OnnxNode, name: string): readonly string[] | null {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? null : texts(attribute, attributeFields.texts, longestName);
}

export function attributeTensor(node: OnnxNode, name: string): Message | null {
  const attribute = node.attributes.get(name);
  return attribute === undefined
    ? null
    : messageField(attribute, attributeFields.tensor, `attribute ${name}`, allTensorFields);
}

/** TensorProto.DataType: name, and bytes of an element in raw data. */
const types: Readonly<
  Record<number, { readonly name: string; readonly bytes: number; readonly isFloat: boolean }>
> = {
  1: { name: 'float', bytes: 4, isFloat: true },
  2: { name: 'uint8', bytes: 1, isFloat: false },
  3: { name: 'int8', bytes: 1, isFloat: false },
  4: { name: 'uint16', bytes: 2, isFloat: false },
  5: { name: 'int16', bytes: 2, isFloat: false },
  6: { name: 'int32', bytes: 4, isFloat: false },
  7: { name: 'int64', bytes: 8, isFloat: false },
  9: { name: 'bool', bytes: 1, isFloat: false },
  10: { name: 'float16', bytes: 2, isFloat: true },
  11: { name: 'double', bytes: 8, isFloat: true },
  12: { name: 'uint32', bytes: 4, isFloat: false },
  13: { name: 'uint64', bytes: 8, isFloat: false },
};

export const floatType = 1;

export function typeName(type: number): string {
  return types[type]?.name ?? `type ${type}`;
}

export function isFloatType(type: number): boolean {
  return types[type]?.isFloat ?? false;
}

/** Where a tensor's data lies outside of the model. */
export interface ExternalData {
  /** As the file writes it: relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** null: to the end of the file. */
  readonly length: number | null;
}

export function externalDataOf(tensor: Message): ExternalData | null {
  if (integerField(tensor, tensorFields.location, 0) !== 1) return null;
  const entries = new Map(
    messages(tensor, tensorFields.external, 'external data entry', [1, 2], 100).map((entry) => [
      textField(entry, 1, longestName),
      textField(entry, 2, longestName),
    ]),
  );
  const length = entries.get('length');
  return {
    location: entries.get('location') ?? '',
    offset: Number(entries.get('offset') ?? 0),
    length: length === undefined ? null : Number(length),
  };
}

/** Paths, relative to the model's folder, of the files in which the model's weights lie. */
export function externalFiles(file: OnnxFile): readonly string[] {
  const locations = [...file.initializers.values()].flatMap(
    (tensor) => externalDataOf(tensor)?.location ?? [],
  );
  return [...new Set(locations)];
}

/** Decodes a tensor. `external` holds the bytes of the files beside the model. */
export function readTensor(tensor: Message, external: ReadonlyMap<string, Uint8Array>): Constant {
  const name = textField(tensor, tensorFields.name, longestName);
  const refuse = (what: string, hint: string) =>
    new DeployError('input', `${what}.`, { file: tensor.file.name, tensor: name }, hint);
  const shape = integers(tensor, tensorFields.dims, 64);
  const code = integerField(tensor, tensorFields.type, 0);
  const type = types[code];
  if (type === undefined)
    throw refuse(`constants of type ${code} are not supported`, 'Export the model in float32.');
  const count = elementCount(shape);
  if (shape.length > limits.rank || shape.some((size) => size < 0) || !(count <= mostElements))
    throw refuse(
      `the shape [${shape.join(', ')}] is more than ${limits.rank} dimensions or ${mostElements * bytesPerElement.float32} bytes`,
      'No network for a microcontroller is that large.',
    );
  const values = tensorValues(tensor, code, type.bytes, count, external, refuse);
  if (values.length !== count)
    throw refuse(
      `the shape [${shape.join(', ')}] has ${count} elements, but the file gives ${values.length}`,
      'Copy or export the file again.',
    );
  return { ...(type.isFloat ? floatConstant : integerConstant)(shape, values), type: type.name };
}

type Refuse = (what: string, hint: string) => DeployError;

function tensorValues(
  tensor: Message,
  code: number,
  width: number,
  count: number,
  external: ReadonlyMap<string, Uint8Array>,
  refuse: Refuse,
): ArrayLike<number> {
  const place = externalDataOf(tensor);
  const raw =
    place === null ? bytesField(tensor, tensorFields.raw) : cutOut(place, count * width, external, refuse);
  if (raw !== null) {
    if (raw.length !== count * width)
      throw refuse(
        `${count} elements take ${count * width} bytes, but the file has ${raw.length}`,
        'Copy or export the file again.',
      );
    return rawValues(raw, code, width);
  }
  switch (code) {
    case 1:
      return floats(tensor, tensorFields.floats, 4, mostElements);
    case 11:
      return floats(tensor, tensorFields.doubles, 8, mostElements);
    case 7:
      return integers(tensor, tensorFields.int64s, mostElements);
    case 12:
    case 13:
      return integers(tensor, tensorFields.uint64s, mostElements);
    case 10:
      return integers(tensor, tensorFields.int32s, mostElements).map(float16);
    default:
      return integers(tensor, tensorFields.int32s, mostElements);
  }
}

function cutOut(
  { location, offset, length }: ExternalData,
  expected: number,
  external: ReadonlyMap<string, Uint8Array>,
  refuse: Refuse,
): Uint8Array {
  const bytes = external.get(location);
  if (bytes === undefined)
    throw refuse(
      `its data is in the file ${printable(JSON.stringify(location))}, which is not there`,
      'Put that file beside the model, or export with external_data=False.',
    );
  const size = length ?? expected;
  if (
    !Number.isInteger(offset) ||
    offset < 0 ||
    !Number.isInteger(size) ||
    size < 0 ||
    offset + size > bytes.length
  )
    throw refuse(
      `its data (${size} bytes from ${offset}) lies outside of ${printable(JSON.stringify(location))}, which has ${bytes.length} bytes`,
      'Copy that file again, or export with external_data=False.',
    );
  return bytes.subarray(offset, offset + size);
}

function rawValues(raw: Uint8Array, code: number, width: number): ArrayLike<number> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const count = raw.length / width;
  const result = code === 1 ? new Float32Array(count) : new Float64Array(count);
  for (let index = 0; index < count; index++) result[index] = element(view, index * width, code);
  return result;
}

function element(view: DataView, at: number, code: number): number {
  switch (code) {
    case 1:
      return view.getFloat32(at, true);
    case 3:
      return view.getInt8(at);
    case 4:
      return view.getUint16(at, true);
    case 5:
      return view.getInt16(at, true);
    case 6:
      return view.getInt32(at, true);
    case 7:
      return Number(view.getBigInt64(at, true));
    case 10:
      return float16(view.getUint16(at, true));
    case 11:
      return view.getFloat64(at, true);
    case 12:
      return view.getUint32(at, true);
    case 13:
      return Number(view.getBigUint64(at, true));
    default:
      return view.getUint8(at);
  }
}

/** IEEE 754 binary16 from its bits. */
export function float16(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
