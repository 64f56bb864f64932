import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { elementCount, type Graph, type Tensor, tensorAt } from '../../src/graph/graph.ts';
import { fixtures } from '../golden/golden.ts';

/** For each fixture and seed the logits of onnxruntime with its optimizations off. */
export const floatGolden = JSON.parse(readFileSync(join(fixtures, 'float_golden.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, readonly number[]>>>
>;

export function fixtureBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(fixtures, path)));
}

/** Inputs of the golden vectors' generator, in the file's order of dimensions, turned into the tensor's. */
export function generatedInput(input: Tensor, seed: number): Float32Array {
  let state = seed;
  const inFile = Float32Array.from({ length: elementCount(input.shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >> 24) / 64;
  });
  return turned(inFile, input);
}

/** From the file's order of dimensions, slowly and plainly. */
export function turned(inFile: Float32Array, { shape, fileOrder }: Tensor): Float32Array {
  const order = fileOrder ?? [...shape.keys()];
  const fileShape = shape.map((_, dim) => shape[order.indexOf(dim)] as number);
  return Float32Array.from(inFile, (_, at) => {
    const position: number[] = [];
    let rest = at;
    for (const size of shape.toReversed()) {
      position.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    const filePosition = fileShape.map((_size, dim) => position[order.indexOf(dim)] as number);
    const place = filePosition.reduce((sum, index, dim) => sum * (fileShape[dim] as number) + index, 0);
    return inFile[place] as number;
  });
}

export function runFloat(graph: Graph, input: Float32Array): Float32Array {
  return prepareFloat(graph).run([input])[0] as Float32Array;
}

export function firstInput(graph: Graph): Tensor {
  return tensorAt(graph, graph.inputs[0] ?? -1);
}

export function kinds(graph: Graph): readonly string[] {
  return graph.operators.map(({ kind }) => kind);
}

/** A protobuf message: [field, number | text | bytes | message], numbers as varints, in the order given. */
export type Entry = readonly [field: number, value: number | string | Uint8Array | readonly Entry[]];

export function protobuf(entries: readonly Entry[]): Uint8Array {
  return Uint8Array.from(
    entries.flatMap(([field, value]) => {
      if (typeof value === 'number') return [...varint(field * 8), ...varint(value)];
      const bytes =
        typeof value === 'string'
          ? new TextEncoder().encode(value)
          : value instanceof Uint8Array
            ? value
            : protobuf(value);
      return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

export interface SmallNode {
  readonly kind: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers, lists of them, or text. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | string>>;
}

/** Constants as float32 (or int64) with a shape; `location` puts the data into a file beside the model. */
export interface SmallConstant {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly integer?: boolean;
  readonly location?: string;
  /** TensorProto.DataType of integers: 2 uint8, 3 int8, 5 int16, 6 int32; else int64. */
  readonly type?: keyof typeof integerArrays;
}

const integerArrays = { 2: Uint8Array, 3: Int8Array, 5: Int16Array, 6: Int32Array } as const;

export interface SmallModel {
  readonly nodes: readonly SmallNode[];
  /** A text is the name of a dynamic dimension. */
  readonly input: readonly (number | string)[];
  readonly inputType?: number;
  readonly constants?: Readonly<Record<string, SmallConstant>>;
  readonly opset?: number;
  readonly domains?: readonly string[];
}

/** An ONNX file from `x` to `y`. */
export function onnxModel(model: SmallModel): Uint8Array {
  const constants = Object.entries(model.constants ?? {}).map(
    ([name, constant]): Entry => [5, tensor(name, constant)],
  );
  const graph: Entry[] = [
    ...model.nodes.map(
      (node, index): Entry => [
        1,
        [
          ...node.inputs.map((name): Entry => [1, name]),
          ...node.outputs.map((name): Entry => [2, name]),
          [3, `node_${index}`],
          [4, node.kind],
          ...Object.entries(node.attributes ?? {}).map(([name, value]): Entry => [5, attribute(name, value)]),
          [7, node.domain ?? ''],
        ],
      ],
    ),
    ...constants,
    [
      11,
      [
        [1, 'x'],
        [
          2,
          [
            [
              1,
              [
                [1, model.inputType ?? 1],
                [
                  2,
                  model.input.map((size): Entry => [1, [typeof size === 'number' ? [1, size] : [2, size]]]),
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    [12, [[1, 'y']]],
  ];
  const domains = ['', ...(model.domains ?? [])];
  return protobuf([
    [1, 10],
    [7, graph],
    ...domains.map(
      (domain): Entry => [
        8,
        [
          [1, domain],
          [2, model.opset ?? 20],
        ],
      ],
    ),
  ]);
}

function attribute(name: string, value: number | readonly number[] | string): Entry[] {
  const content: Entry[] =
    typeof value === 'number'
      ? [[3, value]]
      : typeof value === 'string'
        ? [[4, value]]
        : value.map((item): Entry => [8, item]);
  return [[1, name], ...content];
}

function tensor(name: string, { shape, values, integer, location, type }: SmallConstant): Entry[] {
  const data =
    type !== undefined
      ? integerArrays[type].from(values).buffer
      : integer === true
        ? BigInt64Array.from(values, BigInt).buffer
        : Float32Array.from(values).buffer;
  const place: Entry[] =
    location === undefined
      ? [[9, new Uint8Array(data)]]
      : [
          [
            13,
            [
              [1, 'location'],
              [2, location],
            ],
          ],
          [
            13,
            [
              [1, 'length'],
              [2, String(data.byteLength)],
            ],
          ],
          [14, 1],
        ];
  return [
    ...shape.map((size): Entry => [1, size]),
    [2, type ?? (integer === true ? 7 : 1)],
    [8, name],
    ...place,
  ];
}
