import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { DeployError } from '../../src/errors.ts';
import { bytesPerElement, type Graph, type Tensor, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { type Constant, permuted } from '../../src/import/constant.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { type OnnxFile, readOnnxFile, readTensor } from '../../src/import/onnx_file.ts';
import { openProtobuf, rootMessage } from '../../src/import/protobuf.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { interpret } from '../../src/verify/interpreter.ts';

/** The backend node tests of the ONNX project: a model, its inputs, and what they must give. */

export interface NodeTest {
  readonly name: string;
  readonly model: Uint8Array;
  /** TensorProto files in the model's order. */
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** `refused`: in one sentence, which is `why`. `wrong`: another result, or an error that is no sentence. */
export interface NodeResult {
  readonly is: 'passed' | 'refused' | 'wrong';
  readonly why: string;
}

const folder = 'onnx/backend/test/data/node/';

/** The node tests in a wheel of the `onnx` package, up to 1.21, by name. Expansions of functions are left out. */
export function nodeTestsIn(wheel: string): readonly NodeTest[] {
  const files = unzipSync(readFileSync(wheel), { filter: ({ name }) => name.startsWith(folder) });
  const names = Object.keys(files)
    .filter((path) => path.endsWith('/model.onnx'))
    .map((path) => path.slice(folder.length, -'/model.onnx'.length))
    .filter((name) => !name.includes('_expanded'))
    .sort();
  const numbered = (name: string, kind: string): Uint8Array[] => {
    const found: Uint8Array[] = [];
    for (;;) {
      const file = files[`${folder}${name}/test_data_set_0/${kind}_${found.length}.pb`];
      if (file === undefined) return found;
      found.push(file);
    }
  };
  return names.map((name) => ({
    name,
    model: inOldestOpset(files[`${folder}${name}/model.onnx`] as Uint8Array),
    inputs: numbered(name, 'input'),
    outputs: numbered(name, 'output'),
  }));
}

/**
 * The wheel tests each operator in its newest version, with a model of the opset that brought that one. Where this is older
 * than what is read, the operator is the same in the oldest that is.
 */
function inOldestOpset(model: Uint8Array): Uint8Array {
  const isOld = (opset: Uint8Array): boolean => {
    const fields = topFields(opset);
    const isOwn = fields.every(({ number, body }) => number !== 1 || body?.length === 0);
    return isOwn && fields.some(({ number, bytes }) => number === 2 && (bytes[1] as number) < oldestOpset);
  };
  return new Uint8Array(
    Buffer.concat(
      topFields(model).map(({ number, bytes, body }) =>
        number === 8 && body !== null && isOld(body) ? field(8, Uint8Array.of(16, oldestOpset)) : bytes,
      ),
    ),
  );
}

/** The kinds of the model's nodes; none where even the file is refused. */
export function kindsOf({ name, model }: NodeTest): readonly string[] {
  try {
    return [...new Set(readOnnxFile(model, name).nodes.map(({ kind }) => kind))];
  } catch (error) {
    if (error instanceof DeployError) return [];
    throw error;
  }
}

/** TensorProto.DataType as numpy and ONNX write it. */
const typeNames: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

/** What a test's operator takes and gives: `float32`, or `float32 → uint8` where these differ. */
export function typeOf({ name, model }: NodeTest): string {
  const file = readOnnxFile(model, name);
  const named = (type: number | undefined): string => typeNames[type ?? 0] ?? 'no tensor';
  const [kind] = kindsOf({ name, model, inputs: [], outputs: [] });
  // A condition is no number that is computed with.
  const first = file.inputs[kind === 'Where' ? 1 : 0];
  const output = named(file.outputTypes.get(file.outputs[0] ?? ''));
  const input = first === undefined ? output : named(first.type);
  return input === output ? input : `${input} → ${output}`;
}

/** Types of outputs that a deployed model gives; int64 is int32 there. */
const givenTypes = new Set(['float', 'int8', 'uint8', 'int32', 'int64', 'bool']);

/** A node test as graph and bytes, for whoever runs it elsewhere than here. */
export interface ImportedTest {
  readonly graph: Graph;
  readonly inputs: readonly Uint8Array[];
  readonly expected: readonly Constant[];
}

/**
 * Imports a test's model. What it feeds as an input though deployment knows it beforehand (weights, shapes, axes) becomes
 * a constant: at first as little as possible, then all but the first input. Throws DeployError where all is refused.
 */
export function importNodeTest(test: NodeTest): ImportedTest {
  const file = readOnnxFile(test.model, test.name);
  const tensors = test.inputs.map((bytes) => tensorOf(bytes));
  const isValue = file.inputs.map(({ type }) => fedTypes.has(type));
  const first = isValue.indexOf(true);
  const isTensor = isValue.map((is, at) => is && (tensors[at] as Constant).shape.length > 1);
  const choices = [isValue, isTensor, isValue.map((_, at) => at === first)];
  let refusal: unknown;
  for (const fed of choices) {
    try {
      const graph = importOnnx(withConstants(test, file, fed), { file: test.name, name: 'model' });
      checkOperators(graph);
      requireGiven(test);
      const given = file.inputs.flatMap((_, at) => (fed[at] === true ? [tensors[at] as Constant] : []));
      return {
        graph,
        inputs: graph.inputs.map((index, at) => bytesFor(tensorAt(graph, index), given[at] as Constant)),
        expected: test.outputs.map((bytes, at) => {
          const wanted = tensorOf(bytes);
          const { fileOrder } = tensorAt(graph, graph.outputs[at] ?? -1);
          return permuted(wanted, fileOrder ?? [...wanted.shape.keys()]);
        }),
      };
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
      refusal ??= error;
      // The last refusal is that of the model with as many constants as can be.
      refusal = error;
    }
  }
  throw refusal;
}

/** An output of another type than a deployed model has was not computed as the test wants it, though its numbers agree. */
function requireGiven({ name, outputs }: NodeTest): void {
  const other = outputs.map((bytes) => tensorOf(bytes).type ?? '').find((type) => !givenTypes.has(type));
  if (other !== undefined)
    throw new DeployError('input', `an output of type ${other} becomes another type.`, { file: name });
}

/** Their data was made by numpy, which wraps around: −236 is 20 there. */
const wrapping: ReadonlySet<string> = new Set([
  'test_qlinearmatmul_2D_int8_float16',
  'test_qlinearmatmul_2D_int8_float32',
  'test_qlinearmatmul_3D_int8_float16',
  'test_qlinearmatmul_3D_int8_float32',
]);

/** Whether every difference is at the end of the range of int8. */
function isSaturated(graph: Graph, outputs: readonly Uint8Array[], expected: readonly Constant[]): boolean {
  return expected.every(({ values: wanted }, at) => {
    const { type } = tensorAt(graph, graph.outputs[at] ?? -1);
    const values = Array.from(
      typedArray(type, outputs[at] as Uint8Array) as ArrayLike<number | bigint>,
      Number,
    );
    return values.every((value, place) => value === wanted[place] || value === -128 || value === 127);
  });
}

/** Runs a test by the reference interpreter. */
export function runNodeTest(test: NodeTest): NodeResult {
  try {
    const { graph, inputs, expected } = importNodeTest(test);
    const { outputs } = interpret(graph, inputs);
    const difference = firstDifference(graph, outputs, expected);
    if (difference !== null && wrapping.has(test.name) && isSaturated(graph, outputs, expected))
      return { is: 'refused', why: 'what it expects wraps around 8 bits, where QuantizeLinear saturates.' };
    return difference === null ? { is: 'passed', why: '' } : { is: 'wrong', why: difference };
  } catch (error) {
    if (error instanceof DeployError) return { is: 'refused', why: reasonOf(error) };
    return { is: 'wrong', why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** ONNX's own runner allows 1e-3 of the value (onnx/backend/test/runner) and 1e-7; integers must be equal. */
const relative = 1e-3;
const absolute = 1e-6;

export function firstDifference(
  graph: Graph,
  outputs: readonly Uint8Array[],
  expected: readonly Constant[],
): string | null {
  for (const [at, wanted] of expected.entries()) {
    const index = graph.outputs[at];
    if (index === undefined) return `output ${at} is missing`;
    const { shape, type } = tensorAt(graph, index);
    if (shape.join() !== wanted.shape.join())
      return `output ${at} has the shape [${shape.join(', ')}], expected [${wanted.shape.join(', ')}]`;
    const values = Array.from(
      typedArray(type, outputs[at] as Uint8Array) as ArrayLike<number | bigint>,
      Number,
    );
    const slack = type === 'float32' ? { absolute, relative } : { absolute: 0, relative: 0 };
    const wrong = values.findIndex((value, place) => !isNear(value, wanted.values[place] as number, slack));
    if (wrong >= 0)
      return `output ${at}, element ${wrong}: ${values[wrong]}, expected ${wanted.values[wrong]}`;
  }
  return null;
}

function isNear(value: number, wanted: number, slack: { absolute: number; relative: number }): boolean {
  if (Object.is(value, wanted) || value === wanted) return true;
  return Math.abs(value - wanted) <= slack.absolute + slack.relative * Math.abs(wanted);
}

/** The sentence without names and numbers that differ from test to test. */
function reasonOf({ what }: DeployError): string {
  return what;
}

const oldestOpset = 11;
/** float32, uint8, int8, int32, bool. */
const fedTypes = new Set([1, 2, 3, 6, 9]);
const tensorFieldsOf = [1, 2, 4, 5, 7, 8, 9, 10, 11, 13, 14];

function tensorOf(bytes: Uint8Array): Constant {
  return readTensor(rootMessage(openProtobuf('test data', bytes), 'a tensor', tensorFieldsOf), new Map());
}

function bytesFor({ type, shape, fileOrder }: Tensor, values: Constant): Uint8Array {
  const turned = permuted(values, fileOrder ?? [...shape.keys()]);
  const array = typedArray(type, new Uint8Array(turned.values.length * bytesPerElement[type]));
  for (const [at, value] of Array.from(turned.values).entries()) array[at] = value;
  return new Uint8Array(array.buffer);
}

/** The model with the inputs that are not `fed` as initializers. */
function withConstants({ model, inputs }: NodeTest, file: OnnxFile, fed: readonly boolean[]): Uint8Array {
  const initializers = file.inputs.flatMap(({ name }, at) =>
    fed[at] === true
      ? []
      : [field(5, Buffer.concat([inputs[at] as Uint8Array, field(8, Buffer.from(name))]))],
  );
  return new Uint8Array(
    Buffer.concat(
      topFields(model).map(({ number, bytes, body }) =>
        number === 7 && body !== null ? field(7, Buffer.concat([body, ...initializers])) : bytes,
      ),
    ),
  );
}

function field(number: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

interface TopField {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** null for a number. */
  readonly body: Uint8Array | null;
}

function topFields(message: Uint8Array): TopField[] {
  const fields: TopField[] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = message[at++] as number;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const key = read();
    let body: Uint8Array | null = null;
    if (key % 8 === 2) {
      const length = read();
      body = message.subarray(at, at + length);
      at += length;
    } else read();
    fields.push({ number: Math.floor(key / 8), bytes: message.subarray(start, at), body });
  }
  return fields;
}
