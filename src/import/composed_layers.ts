import { shapeOf, transposed, type Value } from './arrangement.ts';
import { type Constant, floatConstant } from './constant.ts';
import {
  binary,
  fullyConnected,
  isConstant,
  type Operand,
  reduce,
  resolvedAxis,
  slice,
  unary,
} from './element_layers.ts';
import { type Layer, refused } from './network.ts';

/** Layers that take several TFLite operators. */

export function named(layer: Layer, part: string): Layer {
  return { ...layer, name: `${layer.name}/${part}` };
}

export interface Normalization {
  /** Each [C]. */
  readonly scale: Constant;
  readonly shift: Constant;
  readonly mean: Constant;
  readonly variance: Constant;
  readonly epsilon: number;
}

/** y = (x − mean) ÷ √(variance + ε) × scale + shift by channel, dimension 1: MUL and ADD, which go into weights before them. */
export function batchNormalization(layer: Layer, x: Value, given: Normalization): Value {
  const { scale, shift, mean, variance, epsilon } = given;
  const shape = shapeOf(x);
  const channels = shape[1] ?? 1;
  if ([scale, shift, mean, variance].some(({ values }) => values.length !== channels))
    throw refused(layer, `its parameters do not fit ${channels} channels`, 'Export the model again.');
  const factors = Float64Array.from(
    { length: channels },
    (_, c) => (scale.values[c] as number) / Math.sqrt((variance.values[c] as number) + epsilon),
  );
  if (!factors.every(Number.isFinite))
    throw refused(layer, 'a variance is negative or no number', 'Train or export the model again.');
  const shifts = factors.map(
    (factor, c) => (shift.values[c] as number) - (mean.values[c] as number) * factor,
  );
  const along = [channels, ...shape.slice(2).map(() => 1)];
  const scaled = binary(named(layer, 'scale'), 'MUL', x, floatConstant(along, factors));
  return binary(layer, 'ADD', scaled, floatConstant(along, shifts));
}

export function clamp(layer: Layer, x: Value, least: number, most: number): Value {
  if (least === 0 && most === 6) return unary(layer, 'RELU6', x);
  const limits = (bound: number): Constant => floatConstant([], [bound]);
  const isLargest = (bound: number): boolean => Math.abs(bound) >= 3.4028234e38;
  const low =
    least === 0
      ? unary(isLargest(most) ? layer : named(layer, 'least'), 'RELU', x)
      : isLargest(least)
        ? x
        : binary(named(layer, 'least'), 'MAXIMUM', x, limits(least));
  return isLargest(most) ? low : binary(layer, 'MINIMUM', low, limits(most));
}

/** max(0, min(1, alpha × x + beta)), by way of RELU6. */
export function hardSigmoid(layer: Layer, x: Value, alpha: number, beta: number): Value {
  const scaled = binary(named(layer, 'scale'), 'MUL', x, floatConstant([], [6 * alpha]));
  const moved = binary(named(layer, 'shift'), 'ADD', scaled, floatConstant([], [6 * beta]));
  const clamped = unary(named(layer, 'clamp'), 'RELU6', moved);
  return binary(layer, 'MUL', clamped, floatConstant([], [1 / 6]));
}

/** By a constant: the multiplication by its reciprocal, which may differ in the last bit. */
export function divide(layer: Layer, a: Operand, b: Operand): Value {
  const isPlain = [a, b].some((x) => !isConstant(x) && layer.network.tensor(x.tensor).type === 'int32');
  if (!isConstant(b) || isPlain) return binary(layer, 'DIV', a, b);
  return binary(
    layer,
    'MUL',
    a,
    floatConstant(
      b.shape,
      b.values.map((divisor) => 1 / divisor),
    ),
  );
}

/** A number for each element of a value. */
export function scalar(number: number): Constant {
  return floatConstant([], [number]);
}

/** A constant matrix [O, K] times the elements along one dimension, which then has O. */
export function multipliedAlong(layer: Layer, x: Value, axis: number, matrix: Constant): Value {
  const rank = shapeOf(x).length;
  const at = resolvedAxis(layer, axis, rank);
  const dims = Array.from({ length: rank }, (_, dim) => dim);
  const others = dims.filter((dim) => dim !== at);
  const made = fullyConnected(layer, transposed(x, [...others, at]), matrix, null);
  return transposed(
    made,
    dims.map((dim) => (dim === at ? rank - 1 : others.indexOf(dim))),
  );
}

export interface Standardized {
  /** (x − mean) × inverse */
  readonly value: Value;
  readonly mean: Value;
  /** 1 ÷ √(variance + ε) */
  readonly inverse: Value;
}

/** Mean 0 and variance 1 over some dimensions, each computed from the input itself. */
export function standardized(layer: Layer, x: Value, axes: readonly number[], epsilon: number): Standardized {
  const mean = reduce(named(layer, 'mean'), 'MEAN', x, axes, true);
  const centred = binary(named(layer, 'centred'), 'SUB', x, mean);
  const inverse = inverseRoot(layer, centred, axes, epsilon);
  return { value: binary(named(layer, 'standardized'), 'MUL', centred, inverse), mean, inverse };
}

/** 1 ÷ √(mean of squares + ε) over some dimensions, which stay as 1. */
export function inverseRoot(layer: Layer, x: Value, axes: readonly number[], epsilon: number): Value {
  const squares = unary(named(layer, 'squares'), 'SQUARE', x);
  const variance = reduce(named(layer, 'variance'), 'MEAN', squares, axes, true);
  const sum = binary(named(layer, 'variance_and_epsilon'), 'ADD', variance, scalar(epsilon));
  return unary(named(layer, 'inverse_root'), 'RSQRT', sum);
}

/** All elements along some dimensions multiplied: halves by halves. */
export function product(layer: Layer, x: Value, axes: readonly number[]): Value {
  let step = 0;
  const times = (a: Value, b: Value): Value => binary(named(layer, `product_${step++}`), 'MUL', a, b);
  return axes.reduce((value: Value, axis) => {
    let whole = value;
    let rest: Value | null = null;
    for (let extent = shapeOf(value)[axis] ?? 1; extent > 1; extent = Math.floor(extent / 2)) {
      const half = Math.floor(extent / 2);
      const part = (from: number, to: number): Value =>
        slice(named(layer, `part_${step++}`), whole, [{ axis, from, to, step: 1 }]);
      const last = extent % 2 === 1 ? part(2 * half, extent) : null;
      const product: Value = times(part(0, half), part(half, 2 * half));
      rest = last === null ? rest : rest === null ? last : times(rest, last);
      whole = product;
    }
    return rest === null ? whole : times(whole, rest);
  }, x);
}

/** x to a power that is the same for all elements. */
export function power(layer: Layer, x: Value, exponent: number): Value {
  switch (exponent) {
    case 1:
      return x;
    case 2:
      return unary(layer, 'SQUARE', x);
    case 3:
      return binary(layer, 'MUL', unary(named(layer, 'square'), 'SQUARE', x), x);
    case 4:
      return unary(layer, 'SQUARE', unary(named(layer, 'square'), 'SQUARE', x));
    case 0.5:
      return unary(layer, 'SQRT', x);
    case -0.5:
      return unary(layer, 'RSQRT', x);
    case -1:
      return unary(layer, 'RECIPROCAL', x);
    case -2:
      return unary(layer, 'RECIPROCAL', unary(named(layer, 'square'), 'SQUARE', x));
  }
  if (Number.isInteger(exponent) || !Number.isFinite(exponent))
    throw refused(layer, `the power ${exponent} is not supported`, 'Use powers of −2 to 4, or broken ones.');
  // A broken power of a negative number is no number, as its logarithm is not.
  const logarithm = unary(named(layer, 'logarithm'), 'LOG', x);
  return unary(layer, 'EXP', binary(named(layer, 'exponent'), 'MUL', logarithm, scalar(exponent)));
}
