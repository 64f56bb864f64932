import { elementCount } from '../graph/graph.ts';

/** Numbers that a file gives or that importing computes: weights, shapes, axes. Row-major. */
export interface Constant {
  readonly is: 'float' | 'integer';
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
  /** The file's name for the element type; absent for what importing computes. */
  readonly type?: string;
  /** What the numbers were before they were dequantized: values = integers × scale, one scale or one for each channel. */
  readonly steps?: Steps;
}

export interface Steps {
  readonly scales: readonly number[];
  /** In the order of the file, zero points taken off. */
  readonly integers: Float64Array;
}

/** Elements of one constant; float32 then takes as much as validateGraph lets a tensor take. */
export const mostElements = 4 * 1024 * 1024;

export function floatConstant(shape: readonly number[], values: ArrayLike<number>): Constant {
  return { is: 'float', shape, values: values instanceof Float32Array ? values : new Float32Array(values) };
}

export function integerConstant(shape: readonly number[], values: ArrayLike<number>): Constant {
  return { is: 'integer', shape, values: new Float64Array(values) };
}

export function constantLike(
  constant: Pick<Constant, 'is'>,
  shape: readonly number[],
  values: ArrayLike<number>,
) {
  return constant.is === 'float' ? floatConstant(shape, values) : integerConstant(shape, values);
}

/** Row-major distances between neighbours along each dimension. */
export function rowMajorStrides(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** Elements of a tensor of `shape`, picked by a distance per dimension, in row-major order of `shape`. */
export function picked(
  values: ArrayLike<number>,
  shape: readonly number[],
  strides: readonly number[],
  first = 0,
): Float64Array {
  const result = new Float64Array(elementCount(shape));
  const position = shape.map(() => 0);
  let from = first;
  for (let at = 0; at < result.length; at++) {
    result[at] = values[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] as number) + 1;
      from += strides[axis] as number;
      if (next < (shape[axis] as number)) {
        position[axis] = next;
        break;
      }
      from -= next * (strides[axis] as number);
      position[axis] = 0;
    }
  }
  return result;
}

/** Dimension i of the result is dimension order[i] of the constant. */
export function permuted(constant: Constant, order: readonly number[]): Constant {
  const strides = rowMajorStrides(constant.shape);
  const shape = order.map((axis) => constant.shape[axis] as number);
  const along = order.map((axis) => strides[axis] as number);
  const { steps } = constant;
  const turned = constantLike(constant, shape, picked(constant.values, shape, along));
  return steps === undefined ? turned : { ...turned, steps };
}

/** numpy's broadcasting of two shapes; null when they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] | null {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const first = a[axis - rank + a.length] ?? 1;
    const second = b[axis - rank + b.length] ?? 1;
    if (first !== second && first !== 1 && second !== 1) return null;
    result.push(first === 1 ? second : first);
  }
  return result;
}

/** The constant's elements for each element of `shape`, to which it must broadcast. */
export function broadcastTo(constant: Constant, shape: readonly number[]): Constant {
  if (constant.shape.join() === shape.join()) return constant;
  const missing = shape.length - constant.shape.length;
  const strides = rowMajorStrides(constant.shape);
  const along = shape.map((_, axis) =>
    axis < missing || constant.shape[axis - missing] === 1 ? 0 : (strides[axis - missing] as number),
  );
  return constantLike(constant, shape, picked(constant.values, shape, along));
}
