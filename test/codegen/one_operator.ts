import {
  bytesOf,
  type ElementType,
  type Graph,
  type Rounding,
  type Tensor,
  type TypedArray,
} from '../../src/graph/graph.ts';
import { operatorOf } from '../../src/operators/index.ts';
import { nodeOf } from '../../src/operators/operator.ts';

/** A tensor of a made-up graph; int8 with scale 1/16 and zero point 3 where nothing else is said. Of other types with a scale where one is given. */
export interface TensorOf {
  readonly shape: readonly number[];
  readonly type?: ElementType;
  readonly scale?: number;
  readonly scales?: readonly number[];
  readonly zeroPoint?: number;
  /** Along which `scales` go; 0 where nothing is said. */
  readonly axis?: number;
  /** A constant. */
  readonly data?: TypedArray;
}

export interface OneOperator {
  readonly name: string;
  readonly kind: string;
  readonly options?: object;
  /** null: an optional input that is absent. */
  readonly inputs: readonly (TensorOf | null)[];
  readonly outputs: readonly TensorOf[];
  readonly rounding?: Rounding;
}

/** A graph of this one operator, checked as the importer does; its inputs are the tensors that are not constant. */
export function graphOf({ name, kind, options = {}, inputs, outputs, rounding }: OneOperator): Graph {
  const present = inputs.filter((input) => input !== null);
  const tensors = [...present, ...outputs].map(tensorOf);
  const positionOf = (input: TensorOf | null) => (input === null ? -1 : present.indexOf(input));
  const operator = {
    index: 0,
    kind,
    inputs: inputs.map(positionOf),
    outputs: outputs.map((_, position) => present.length + position),
    options,
  };
  const graph: Graph = {
    name,
    source: { file: `${name}.tflite`, format: 'tflite', sha256: '0'.repeat(64), bytes: 0 },
    tensors,
    operators: [operator],
    inputs: present.flatMap((input, position) => (input.data === undefined ? [position] : [])),
    outputs: operator.outputs,
    ...(rounding === undefined ? {} : { rounding }),
  };
  operatorOf(kind).check(nodeOf(graph, operator));
  return graph;
}

function tensorOf(given: TensorOf, index: number): Tensor {
  const { shape, type = 'int8', scale = 1 / 16, scales = [scale], zeroPoint = 3, axis = 0, data } = given;
  const quantization = { scales, zeroPoints: scales.map(() => zeroPoint), axis };
  return {
    index,
    name: `tensor ${index}`,
    type,
    shape,
    quantization: type === 'int8' || given.scale !== undefined ? quantization : null,
    data: data === undefined ? null : bytesOf(data),
  };
}

/** A constant int32 list: axes, shapes, paddings. */
export function list(...values: readonly number[]): TensorOf {
  return { shape: [values.length], type: 'int32', data: Int32Array.from(values) };
}

export function matrix(rows: readonly (readonly number[])[]): TensorOf {
  return { shape: [rows.length, rows[0]?.length ?? 0], type: 'int32', data: Int32Array.from(rows.flat()) };
}
