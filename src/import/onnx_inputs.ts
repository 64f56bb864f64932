import { shapeOf, type Value } from './arrangement.ts';
import type { Constant } from './constant.ts';
import { isConstant, type Operand } from './element_layers.ts';
import { type Layer, refused } from './network.ts';
import { attributeIntegers, type OnnxNode } from './onnx_file.ts';

/** One ONNX operator with its inputs resolved. */
export interface OnnxOperator extends Layer {
  readonly node: OnnxNode;
  readonly opset: number;
  readonly external: ReadonlyMap<string, Uint8Array>;
  /** null where an optional input is absent. */
  readonly inputs: readonly (Operand | null)[];
}

/** Axes, bounds, sizes of parts: a few for each dimension. */
const longestList = 1024;

export type Import = (operator: OnnxOperator) => Operand | readonly Operand[];

export function operand(operator: OnnxOperator, position: number): Operand {
  const found = operator.inputs[position];
  if (found !== undefined && found !== null) return found;
  throw refused(
    operator,
    `input ${position} is missing`,
    'Export the model again: the file is not valid ONNX.',
  );
}

export function value(operator: OnnxOperator, position: number): Value {
  const found = operand(operator, position);
  if (!isConstant(found)) return found;
  return operator.network.valueOf(`${operator.name}/input_${position}`, found);
}

export function optionalConstant(operator: OnnxOperator, position: number, what: string): Constant | null {
  const found = operator.inputs[position];
  if (found === undefined || found === null) return null;
  if (isConstant(found)) return found;
  throw refused(
    operator,
    `${what} (input ${position}) is computed at run time, but must be a constant`,
    'Export the model with fixed shapes and frozen weights.',
  );
}

export function constant(operator: OnnxOperator, position: number, what: string): Constant {
  const found = optionalConstant(operator, position, what);
  if (found !== null) return found;
  throw refused(
    operator,
    `${what} (input ${position}) is missing`,
    'Export the model again: the file is not valid ONNX.',
  );
}

/** A list that old opsets give as an attribute, newer ones as an input. */
export function list(operator: OnnxOperator, position: number, name: string): readonly number[] | null {
  const given = optionalConstant(operator, position, name);
  const values = given?.values ?? attributeIntegers(operator.node, name);
  if (values !== null && values.length > longestList)
    throw refused(operator, `its ${name} are ${values.length} numbers`, 'Export the model again.');
  return values === null ? null : [...values];
}

export function shapeOfOperand(x: Operand): readonly number[] {
  return isConstant(x) ? x.shape : shapeOf(x);
}
