import { Builder } from 'flatbuffers';

/** Hand-made .tflite files: right ones for operators that no converter gave us, and wrong ones for the importer. */

export interface BuiltTensor {
  readonly name?: string;
  /** Missing: no shape field at all. */
  readonly shape?: readonly number[];
  readonly signature?: readonly number[];
  /** TensorType number: 0 float32, 2 int32, 9 int8 (the default). */
  readonly type?: number;
  readonly scales?: readonly number[];
  readonly zeroPoints?: readonly number[];
  readonly axis?: number;
  readonly data?: Uint8Array;
  /** Index of the buffer, when it shall not be the tensor's own. */
  readonly buffer?: number;
  readonly isVariable?: boolean;
}

export interface BuiltOption {
  readonly field: number;
  readonly int8?: number;
  readonly int32?: number;
  readonly float32?: number;
  readonly text?: string;
}

export interface BuiltOperator {
  readonly code: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Number in the schema's union BuiltinOptions, and the fields of that table. */
  readonly options?: { readonly type: number; readonly fields: readonly BuiltOption[] };
  readonly customName?: string;
}

export interface BuiltModel {
  readonly tensors: readonly BuiltTensor[];
  readonly operators: readonly BuiltOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly subgraphs?: number;
  /** More subgraphs, each with tensors and operators of its own. */
  readonly others?: readonly Pick<BuiltModel, 'tensors' | 'operators' | 'inputs' | 'outputs'>[];
  /** As files of 2020 and before: the code only in the old byte field. */
  readonly oldOperatorCodes?: boolean;
  /** Constant data behind the flatbuffer, referred to by offset and size. */
  readonly dataBehind?: boolean;
  readonly identifier?: string;
  /** Names of inputs and outputs by tensor index. */
  readonly signatures?: readonly BuiltSignature[];
}

export interface BuiltSignature {
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
  readonly subgraph?: number;
}

type Field = (builder: Builder) => void;

function table(builder: Builder, fields: number, add: readonly Field[]): number {
  builder.startObject(fields);
  for (const field of add) field(builder);
  return builder.endObject();
}

const offset =
  (field: number, value: number): Field =>
  (b) =>
    b.addFieldOffset(field, value, 0);
const int8 =
  (field: number, value: number): Field =>
  (b) =>
    b.addFieldInt8(field, value, 0);
const int32 =
  (field: number, value: number): Field =>
  (b) =>
    b.addFieldInt32(field, value, 0);
const float32 =
  (field: number, value: number): Field =>
  (b) =>
    b.addFieldFloat32(field, value, 0);
const int64 =
  (field: number, value: number): Field =>
  (b) =>
    b.addFieldInt64(field, BigInt(value), 0n);

function vector<T>(builder: Builder, size: number, values: readonly T[], add: (value: T) => void): number {
  builder.startVector(size, values.length, size);
  for (const value of values.toReversed()) add(value);
  return builder.endVector();
}

const int32s = (b: Builder, values: readonly number[]) => vector(b, 4, values, (value) => b.addInt32(value));
const float32s = (b: Builder, values: readonly number[]) =>
  vector(b, 4, values, (value) => b.addFloat32(value));
const int64s = (b: Builder, values: readonly number[]) =>
  vector(b, 8, values, (value) => b.addInt64(BigInt(value)));
const offsets = (b: Builder, values: readonly number[]) =>
  vector(b, 4, values, (value) => b.addOffset(value));
const bytes = (b: Builder, values: Uint8Array) => b.createByteVector(values);

export function buildModel(model: BuiltModel): Uint8Array {
  if (!model.dataBehind) return assemble(model, () => 0);
  // Offsets are fixed-width, so that a first pass shows where the data will be.
  let size = assemble(model, () => 16).length;
  const constants = model.tensors.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const starts = constants.map((data) => {
    const start = size;
    size += data.length;
    return start;
  });
  let next = 0;
  const file = assemble(model, () => starts[next++] ?? 0);
  return Buffer.concat([file, ...constants]);
}

function assemble(model: BuiltModel, startOfData: () => number): Uint8Array {
  const b = new Builder(1024);
  b.forceDefaults(true);
  const buffers = [table(b, 3, [])];
  const codes: number[] = [];
  const buildSubgraph = (of: Pick<BuiltModel, 'tensors' | 'operators' | 'inputs' | 'outputs'>): number => {
    const tensors = of.tensors.map((tensor) => {
      const buffer = tensor.buffer ?? (tensor.data === undefined ? 0 : buffers.length);
      if (tensor.data !== undefined) {
        if (model.dataBehind) {
          const { length } = tensor.data;
          const start = startOfData();
          buffers.push(table(b, 3, [int64(1, start), int64(2, length)]));
        } else {
          const data = bytes(b, tensor.data);
          buffers.push(table(b, 3, [offset(0, data)]));
        }
      }
      return buildTensor(b, tensor, buffer);
    });
    const operators = of.operators.map((operator, index) => buildOperator(b, operator, codes.length + index));
    for (const { code, customName } of of.operators) {
      const name = customName === undefined ? 0 : b.createString(customName);
      codes.push(
        table(b, 4, [
          int8(0, Math.min(code, 127)),
          ...(name === 0 ? [] : [offset(1, name)]),
          int32(2, 1),
          ...(model.oldOperatorCodes ? [] : [int32(3, code)]),
        ]),
      );
    }
    const lists = [offsets(b, tensors), int32s(b, of.inputs), int32s(b, of.outputs), offsets(b, operators)];
    return table(
      b,
      5,
      lists.map((list, field) => offset(field, list)),
    );
  };
  const first = buildSubgraph(model);
  const repeated = Array.from({ length: model.subgraphs ?? 1 }, () => first);
  const subgraphs = [...repeated, ...(model.others ?? []).map(buildSubgraph)];
  const [codeList, subgraphList, bufferList] = [
    offsets(b, codes),
    offsets(b, subgraphs),
    offsets(b, buffers),
  ];
  const signatures =
    model.signatures === undefined
      ? 0
      : offsets(
          b,
          model.signatures.map((signature) => buildSignature(b, signature)),
        );
  const root = table(b, signatures === 0 ? 5 : 8, [
    int32(0, 3),
    offset(1, codeList),
    offset(2, subgraphList),
    offset(4, bufferList),
    ...(signatures === 0 ? [] : [offset(7, signatures)]),
  ]);
  b.finish(root, model.identifier ?? 'TFL3');
  return b.asUint8Array().slice();
}

function buildSignature(b: Builder, { inputs, outputs, subgraph = 0 }: BuiltSignature): number {
  const maps = [inputs, outputs].map((named) =>
    offsets(
      b,
      Object.entries(named).map(([name, tensor]) => {
        const text = b.createString(name);
        return table(b, 2, [offset(0, text), int32(1, tensor)]);
      }),
    ),
  );
  return table(b, 5, [...maps.map((map, field) => offset(field, map)), int32(4, subgraph)]);
}

function buildTensor(b: Builder, tensor: BuiltTensor, buffer: number): number {
  const shape = tensor.shape === undefined ? 0 : int32s(b, tensor.shape);
  const signature = tensor.signature === undefined ? 0 : int32s(b, tensor.signature);
  const name = tensor.name === undefined ? 0 : b.createString(tensor.name);
  let quantization = 0;
  if (tensor.scales !== undefined) {
    const scale = float32s(b, tensor.scales);
    const zeroPoint = int64s(b, tensor.zeroPoints ?? tensor.scales.map(() => 0));
    quantization = table(b, 7, [offset(2, scale), offset(3, zeroPoint), int32(6, tensor.axis ?? 0)]);
  }
  return table(b, 8, [
    ...(shape === 0 ? [] : [offset(0, shape)]),
    int8(1, tensor.type ?? 9),
    int32(2, buffer),
    ...(name === 0 ? [] : [offset(3, name)]),
    ...(quantization === 0 ? [] : [offset(4, quantization)]),
    int8(5, tensor.isVariable ? 1 : 0),
    ...(signature === 0 ? [] : [offset(7, signature)]),
  ]);
}

function buildOperator(b: Builder, operator: BuiltOperator, codeIndex: number): number {
  const inputs = int32s(b, operator.inputs);
  const outputs = int32s(b, operator.outputs);
  const { options } = operator;
  const texts = (options?.fields ?? []).map(({ text }) => (text === undefined ? 0 : b.createString(text)));
  const optionsTable =
    options === undefined
      ? 0
      : table(
          b,
          16,
          options.fields.map(({ field, ...value }, position) => {
            const text = texts[position] ?? 0;
            if (text !== 0) return offset(field, text);
            if (value.int8 !== undefined) return int8(field, value.int8);
            if (value.int32 !== undefined) return int32(field, value.int32);
            return float32(field, value.float32 ?? 0);
          }),
        );
  return table(b, 5, [
    int32(0, codeIndex),
    offset(1, inputs),
    offset(2, outputs),
    ...(optionsTable === 0 ? [] : [int8(3, options?.type ?? 0), offset(4, optionsTable)]),
  ]);
}

export function int32Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

export function int8Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int8Array.from(values).buffer);
}

/** Repeatable int8 data. */
export function someInt8(count: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
