import { floatOperators } from '../float/index.ts';
import {
  bytesOf,
  elementCount,
  type Graph,
  stateOf,
  type Tensor,
  type TypedArray,
  typedArray,
} from '../graph/graph.ts';
import { realTensor } from '../graph/real_tensor.ts';
import { type BatchMatMulOptions, matricesToMultiply } from '../operators/batch_matmul.ts';
import { operatorOf } from '../operators/index.ts';
import { inputOf, type Node, nodeOf } from '../operators/operator.ts';
import type { PoolOptions } from '../operators/pooling.ts';
import { reduceGeometry } from '../operators/reduction.ts';
import { roundsInFloat } from '../operators/rounds_in_float.ts';
import type { SoftmaxOptions } from '../operators/softmax.ts';
import { choiceErrors } from './choice_errors.ts';

/** How far float32 kernels may be from the reference, which sums in double precision (docs/float32.md). */

/** Half the distance between neighbours, relative: what one rounding to float32 may change. */
const unit = 2 ** -24;

/** Errors are carried through an operator by moving its inputs by so many times as much: float32 shows the difference. */
const magnified = 1024;

/** Errors are carried by their squares, which float32 has to hold. */
const scale = 2 ** 24;

/**
 * By tensor index the error that rounding is expected to leave in each element, as a standard deviation; no entry where
 * there is none. `tensors`: all elements of one inference, as the reference computes them. `before`: what the inference
 * before left, where this one goes on from its state.
 */
export function roundingErrors(
  graph: Graph,
  tensors: ReadonlyMap<number, TypedArray>,
  before: RoundingErrors = new Map(),
): RoundingErrors {
  const state = stateOf(graph).map(({ index }) => index);
  const errors = new Map<number, Float64Array>([...before].filter(([index]) => state.includes(index)));
  for (const operator of graph.operators) {
    const node = nodeOf(graph, operator);
    const kept = variableErrors(node, errors);
    if (kept !== null) {
      if (kept.errors === undefined) errors.delete(kept.tensor);
      else errors.set(kept.tensor, kept.errors);
      continue;
    }
    const rounds = roundsInFloat(node);
    if (!rounds && !operator.inputs.some((index) => errors.has(index))) continue;
    const values = operator.inputs.map((index) => tensors.get(index) ?? null);
    const carriers = operator.inputs.map((index) => errors.get(index) ?? null);
    const chosen = choiceOf(node, values, carriers);
    if (chosen !== null) {
      for (const index of operator.outputs) errors.set(index, chosen);
      continue;
    }
    for (const [position, index] of operator.outputs.entries()) {
      const output = tensors.get(index);
      if (!(output instanceof Float32Array)) continue;
      const local = rounds ? localErrors(node, values, output) : null;
      const carried = carriers.some((each) => each !== null)
        ? carriedErrors(node, values, carriers, position, output)
        : null;
      errors.set(
        index,
        Float64Array.from(output, (value, at) =>
          Math.hypot(local?.[at] ?? 0, carried?.[at] ?? 0, rounds ? unit * Math.abs(value) : 0),
        ),
      );
    }
  }
  return errors;
}

/** Truths, and what is chosen by them, have errors of their own. */
function choiceOf(node: Node, values: Values, errors: Errors): Float64Array | null {
  const [output] = node.outputs;
  const isOfTruths = [...node.inputs, output].some((tensor) => tensor?.type === 'bool');
  return isOfTruths ? choiceErrors(node, values, errors) : null;
}

export type RoundingErrors = ReadonlyMap<number, Float64Array>;

/** Where a variable's errors go, or come from: `tensors` holds what it is after the inference, not what was read. */
function variableErrors(
  { operator }: Node,
  errors: RoundingErrors,
): { readonly tensor: number; readonly errors: Float64Array | undefined } | null {
  const [variable = -1, value = -1] = operator.inputs;
  const [output = -1] = operator.outputs;
  if (operator.kind === 'READ_VARIABLE') return { tensor: output, errors: errors.get(variable) };
  return operator.kind === 'ASSIGN_VARIABLE' ? { tensor: variable, errors: errors.get(value) } : null;
}

type Values = readonly (TypedArray | null)[];
type Errors = readonly (Float64Array | null)[];

/** Position of the image and of the weights of operators that sum products. */
const products: Readonly<Record<string, { readonly image: number; readonly bias: number }>> = {
  CONV_2D: { image: 0, bias: 2 },
  DEPTHWISE_CONV_2D: { image: 0, bias: 2 },
  FULLY_CONNECTED: { image: 0, bias: 2 },
  TRANSPOSE_CONV: { image: 2, bias: 3 },
};

/**
 * What the operator's own roundings leave. Of n terms that are summed one by one, each of the n partial sums is rounded: by
 * what they are where the terms' signs are random, and where all terms pull the same way.
 */
function localErrors(node: Node, values: Values, output: Float32Array): Float64Array {
  const { kind } = node.operator;
  const n = termsOf(node);
  if (n !== null) {
    const squares = run(
      withWeights(node, (weight) => weight * weight),
      values.map(squared),
    );
    const sums = run(
      withWeights(node, (weight) => weight),
      values,
    );
    const divisor = products[kind] === undefined && kind !== 'SUM' ? n : 1;
    return Float64Array.from(squares, (square, at) => {
      const last = sums[at] as number;
      return unit * Math.sqrt((n / 2) * (square / divisor) + (n / 3 + 1) * last * last);
    });
  }
  if (kind === 'BATCH_MATMUL') {
    const squares = run(node, values.map(squared));
    const depth = matricesToMultiply(node as Node<BatchMatMulOptions>).left.columns;
    return Float64Array.from(
      output,
      (last, at) => unit * Math.sqrt((depth / 2) * (squares[at] as number) + (depth / 3 + 1) * last * last),
    );
  }
  if (kind === 'RESIZE_BILINEAR')
    return Float64Array.from(run(node, values.map(sizes)), (size) => 4 * unit * Math.abs(size));
  if (kind === 'SOFTMAX' || kind === 'LOG_SOFTMAX' || kind === 'L2_NORMALIZATION') {
    const depth = inputOf(node, 0).shape.at(-1) ?? 1;
    const x = values[0] as Float32Array;
    const beta = kind === 'SOFTMAX' ? (node as Node<SoftmaxOptions>).options.beta : 1;
    return Float64Array.from(output, (value, at) => {
      const start = at - (at % depth);
      let most = -Infinity;
      for (let k = start; k < start + depth; k++) most = Math.max(most, x[k] as number);
      // The exponent's rounding becomes a relative error of the exponential.
      const exponent = kind === 'L2_NORMALIZATION' ? 0 : 2 * Math.abs(beta * (most - (x[at] as number)));
      const size = kind === 'LOG_SOFTMAX' ? 1 : Math.abs(value);
      return unit * ((4 + Math.sqrt(depth)) * size + exponent * size);
    });
  }
  if (kind === 'ADD' || kind === 'SUB' || kind === 'MAXIMUM' || kind === 'MINIMUM')
    return new Float64Array(output.length);
  return Float64Array.from(output, (value) => 4 * unit * Math.abs(value));
}

const steps = new Set(['CEIL', 'FLOOR', 'ROUND', 'SIGN', 'THRESHOLDED_RELU']);

/** What errors of the inputs make of the output. */
function carriedErrors(
  node: Node,
  values: Values,
  errors: Errors,
  position: number,
  output: Float32Array,
): Float64Array {
  const { kind } = node.operator;
  const n = termsOf(node);
  if (n !== null) {
    // Independent errors add up by their squares. Scaled, so that float32 holds them.
    const image = products[kind]?.image ?? 0;
    const scaled = values.map((each, at) =>
      at === image ? Float32Array.from(errors[at] ?? [], (error) => (error * scale) ** 2) : each,
    );
    const squares = run(
      withWeights(node, (weight) => weight * weight),
      scaled,
    );
    const divisor = products[kind] === undefined && kind !== 'SUM' ? n : 1;
    return Float64Array.from(squares, (square) => Math.sqrt(square / divisor) / scale);
  }
  if (kind === 'BATCH_MATMUL') {
    const total = new Float64Array(output.length);
    for (const [at, error] of errors.entries()) {
      if (error === null) continue;
      const scaled = Float32Array.from(error, (each) => (each * scale) ** 2);
      const squares = run(
        node,
        values.map((each, input) => (input === at ? scaled : squared(each))),
      );
      for (const [k, square] of squares.entries())
        total[k] = Math.hypot(total[k] as number, Math.sqrt(square) / scale);
    }
    return total;
  }
  const [error] = errors;
  if (error != null && (kind === 'SOFTMAX' || kind === 'LOG_SOFTMAX' || kind === 'L2_NORMALIZATION'))
    return carriedByRows(node, values[0] as Float32Array, error, output);
  // At a step the output jumps, however little the input moves.
  const isStep = steps.has(kind);
  const times = isStep ? 8 : magnified;
  const total = new Float64Array(output.length);
  for (const [input, each] of errors.entries()) {
    if (each === null) continue;
    const moved = (sign: number) =>
      run(
        node,
        values.map((elements, at) =>
          at === input
            ? Float32Array.from(elements as Float32Array, (x, k) => x + sign * times * (each[k] as number))
            : elements,
        ),
        position,
      );
    const [up, down] = [moved(1), moved(-1)];
    for (let at = 0; at < total.length; at++) {
      const value = output[at] as number;
      const change = Math.max(distance(up[at], value), distance(down[at], value));
      total[at] = Math.hypot(total[at] as number, isStep ? change : change / times);
    }
  }
  return total;
}

/** 0 where a function has no value there: a root of less than nothing. */
function distance(moved: number | undefined, value: number): number {
  const change = Math.abs((moved ?? value) - value);
  return Number.isNaN(change) ? 0 : change;
}

/** Each element of a row depends on all others: errors that are moved together would hide each other. */
function carriedByRows(
  node: Node,
  x: Float32Array,
  errors: Float64Array,
  output: Float32Array,
): Float64Array {
  const { kind } = node.operator;
  const depth = inputOf(node, 0).shape.at(-1) ?? 1;
  const beta = kind === 'SOFTMAX' ? (node as Node<SoftmaxOptions>).options.beta : 1;
  const result = new Float64Array(output.length);
  for (let start = 0; start < x.length; start += depth) {
    let length = 0;
    let others = 0;
    for (let k = start; k < start + depth; k++) {
      const value = output[k] as number;
      const weight = kind === 'LOG_SOFTMAX' ? Math.exp(value) : value;
      others += (weight * (errors[k] as number)) ** 2;
      length += (x[k] as number) ** 2;
    }
    for (let k = start; k < start + depth; k++) {
      const value = output[k] as number;
      const own = errors[k] as number;
      if (kind === 'SOFTMAX') result[k] = Math.abs(beta * value) * Math.sqrt(own * own + others);
      else if (kind === 'LOG_SOFTMAX') result[k] = Math.sqrt(own * own + others);
      else result[k] = (own + Math.abs(value) * Math.sqrt(others)) / Math.max(Math.sqrt(length), 1e-6);
    }
  }
  return result;
}

function run(node: Node, values: Values, position = 0): Float32Array {
  const operator = floatOperators.get(node.operator.kind);
  const results =
    operator === undefined
      ? operatorOf(node.operator.kind).reference(node, values)
      : operator.prepare(realNode(node))(values.map((each) => (each instanceof Float32Array ? each : null)));
  return results[position] as Float32Array;
}

/** int8 weights as the numbers that they stand for. */
function realNode(node: Node): Node {
  return { ...node, inputs: node.inputs.map((tensor) => (tensor === null ? null : realTensor(tensor))) };
}

function sizes(values: TypedArray | null): TypedArray | null {
  return values instanceof Float32Array ? values.map(Math.abs) : values;
}

function squared(values: TypedArray | null): TypedArray | null {
  return values instanceof Float32Array ? values.map((value) => value * value) : values;
}

/** The same sums with other weights, without bias and activation. */
function withWeights(node: Node, map: (weight: number) => number): Node {
  const bias = products[node.operator.kind]?.bias;
  const inputs = realNode(node).inputs.map((tensor, at) => {
    if (tensor === null || tensor.data === null || tensor.type !== 'float32') return tensor;
    if (at === bias) return null;
    return mapped(tensor, map);
  });
  return withoutActivation({ ...node, inputs });
}

function mapped(tensor: Tensor, map: (value: number) => number): Tensor {
  const values = typedArray('float32', tensor.data ?? new Uint8Array()) as Float32Array;
  return { ...tensor, data: bytesOf(values.map(map)) };
}

function withoutActivation(node: Node): Node {
  const { options } = node as Node<object | null>;
  const plain = options !== null && 'activation' in options ? { ...options, activation: 'none' } : options;
  return { ...node, options: plain };
}

/** Terms of one of the operator's sums; null where it sums nothing. */
function termsOf(node: Node): number | null {
  const { kind } = node.operator;
  if (kind === 'DEPTHWISE_CONV_2D') return elementCount(inputOf(node, 1).shape.slice(1, 3));
  if (products[kind] !== undefined) return elementCount(inputOf(node, 1).shape.slice(1));
  if (kind === 'MEAN' || kind === 'SUM') return reduceGeometry(node).count;
  if (kind !== 'AVERAGE_POOL_2D') return null;
  const { filterHeight, filterWidth } = (node as Node<PoolOptions>).options;
  return filterHeight * filterWidth;
}
