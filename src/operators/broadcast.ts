import type { Tensor } from '../graph/graph.ts';
import { inputOf, type Node, outputOf } from './operator.ts';
import { invalid, requireShape } from './requirements.ts';

/** NumPy broadcasting: shapes aligned at their last dimension; a dimension of 1 repeats. null when they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let fromEnd = rank; fromEnd >= 1; fromEnd--) {
    const ofA = a.at(-fromEnd) ?? 1;
    const ofB = b.at(-fromEnd) ?? 1;
    const left = fromEnd > a.length ? 1 : ofA;
    const right = fromEnd > b.length ? 1 : ofB;
    if (left !== right && left !== 1 && right !== 1) return null;
    shape.push(Math.max(left, right));
  }
  return shape;
}

/** The output of a binary operator must have the broadcast shape of its two inputs. */
export function requireBroadcast(node: Node): void {
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === null)
    throw invalid(
      node,
      `shapes [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit each other`,
      b,
    );
  requireShape(node, outputOf(node), shape);
}

/** Elements between neighbours along each dimension of `shape`, row-major. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  return strides;
}

/** For each output element the index of the input element that broadcasting puts there. */
export function broadcastIndices(input: Tensor, output: Tensor): Int32Array {
  const missing = output.shape.length - input.shape.length;
  const own = stridesOf(input.shape);
  const strides = output.shape.map((_, axis) =>
    axis < missing || input.shape[axis - missing] === 1 ? 0 : (own[axis - missing] as number),
  );
  return stridedIndices(output.shape, strides, 0);
}

/** start + Σ index × stride for each element of `shape`, row-major. */
export function stridedIndices(
  shape: readonly number[],
  strides: readonly number[],
  start: number,
): Int32Array {
  const indices = new Int32Array(shape.reduce((product, dimension) => product * dimension, 1));
  const counter = new Array<number>(shape.length).fill(0);
  let from = start;
  for (let at = 0; at < indices.length; at++) {
    indices[at] = from;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (counter[axis] as number) + 1;
      from += strides[axis] as number;
      if (next < (shape[axis] as number)) {
        counter[axis] = next;
        break;
      }
      counter[axis] = 0;
      from -= next * (strides[axis] as number);
    }
  }
  return indices;
}

/** f(a, b) for each element of the broadcast output, which has the element type of a. */
export function mapBroadcast<Elements extends Int8Array | Int16Array>(
  node: Node,
  a: Elements,
  b: Int8Array | Int16Array,
  f: (a: number, b: number) => number,
): Elements {
  const output = outputOf(node);
  const fromA = broadcastIndices(inputOf(node, 0), output);
  const fromB = broadcastIndices(inputOf(node, 1), output);
  const result = (
    a instanceof Int16Array ? new Int16Array(fromA.length) : new Int8Array(fromA.length)
  ) as Elements;
  for (let at = 0; at < result.length; at++) {
    result[at] = f(a[fromA[at] as number] as number, b[fromB[at] as number] as number);
  }
  return result;
}
