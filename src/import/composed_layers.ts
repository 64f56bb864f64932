import { shapeOf, type Value } from './arrangement.ts';
import { type Constant, floatConstant } from './constant.ts';
import { binary, isConstant, type Operand, unary } from './element_layers.ts';
import { type Layer, refused } from './network.ts';

/** Layers that take several TFLite operators. */

function named(layer: Layer, part: string): Layer {
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
  if (!isConstant(b))
    throw refused(
      layer,
      'a division by a value computed at run time is not supported',
      'Divide by a constant.',
    );
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
