import { arranged, shapeOf, type Value } from './arrangement.ts';
import {
  broadcastShape,
  broadcastTo,
  type Constant,
  constantLike,
  floatConstant,
  integerConstant,
} from './constant.ts';
import { binary, isConstant, type Operand, reshape, unary } from './element_layers.ts';
import { foldElementwise } from './fold_constants.ts';
import { refused } from './network.ts';
import { attributeInteger, isFloatType, typeName } from './onnx_file.ts';
import { type Import, type OnnxOperator, operand, shapeOfOperand, value } from './onnx_inputs.ts';

/** ONNX operators of truths: comparisons, logic, choices; and casts between types. */

function relation(kind: string, tflite: string): Import {
  return (operator) => {
    const [a, b] = [operand(operator, 0), operand(operator, 1)];
    if (!isConstant(a) || !isConstant(b))
      return binary(operator, tflite, truth(operator, a), truth(operator, b));
    const folded = foldElementwise(kind, [a, b]);
    if (folded === null)
      throw refused(operator, 'its constants do not fit together', 'Export the model again.');
    return integerConstant(folded.shape, folded.values);
  };
}

/** Constant truths have no kernel beside computed ones. */
function truth(operator: OnnxOperator, x: Operand): Operand {
  if (!isConstant(x) || x.type !== 'bool') return x;
  throw refused(operator, 'a constant truth beside a computed one is not supported', 'Fold it in the model.');
}

const not: Import = (operator) => {
  const x = operand(operator, 0);
  const folded = isConstant(x) ? foldElementwise('Not', [x]) : null;
  return folded ?? unary(operator, 'LOGICAL_NOT', value(operator, 0));
};

/** Elements of one value where the condition holds, else of the other. */
const where: Import = (operator) => {
  const operands = [0, 1, 2].map((position) => operand(operator, position)) as [Operand, Operand, Operand];
  const shape = operands
    .map(shapeOfOperand)
    .reduce<readonly number[] | null>((so, each) => (so === null ? null : broadcastShape(so, each)), []);
  if (shape === null) throw refused(operator, 'its inputs do not broadcast', 'Export the model again.');
  const [condition, yes, no] = operands;
  if (!isConstant(condition)) return chosen(operator, condition, yes, no, shape);
  if (isConstant(yes) && isConstant(no)) {
    const [of, first, second] = [condition, yes, no].map((each) => broadcastTo(each, shape).values);
    const values = Float64Array.from(
      of ?? [],
      (truthAt, at) => ((truthAt !== 0 ? first : second) as ArrayLike<number>)[at] as number,
    );
    return constantLike(yes, shape, values);
  }
  throw refused(
    operator,
    'a constant condition on values computed at run time is not supported',
    'Choose in front of the model, or compute the condition.',
  );
};

function chosen(
  operator: OnnxOperator,
  condition: Value,
  yes: Operand,
  no: Operand,
  shape: readonly number[],
): Value {
  const { network, name } = operator;
  const values = [condition, yes, no].map((each, at) => {
    const found = isConstant(each) ? network.valueOf(`${name}/choice_${at}`, each) : each;
    const ones = Array.from({ length: shape.length - shapeOf(found).length }, () => 1);
    return reshape(operator, found, [...ones, ...shapeOf(found)]);
  });
  const [leading] = values.toSorted((a, b) => sizeOf(b) - sizeOf(a)) as [Value, ...Value[]];
  const dims = network.orderOf(leading);
  const inputs = values.map((each) => network.arrange(each, dims));
  const { type } = network.tensor(inputs[1] as number);
  const turned = dims.map((dim) => shape[dim] as number);
  const tensor = network.emit('SELECT_V2', inputs, null, { name, shape: turned, type });
  return arranged(tensor, shape, dims);
}

function sizeOf(x: Value): number {
  return shapeOf(x).reduce((product, size) => product * size, 1);
}

const castTypes: Readonly<Record<string, 'int32' | 'bool'>> = {
  int32: 'int32',
  int64: 'int32',
  bool: 'bool',
};

const cast: Import = (operator) => {
  const x = operand(operator, 0);
  const to = attributeInteger(operator.node, 'to', 1);
  if (isConstant(x)) return castConstant(x, to);
  const { network, name } = operator;
  const from = network.tensor(x.tensor);
  const wanted = isFloatType(to) ? 'float32' : castTypes[typeName(to)];
  if (wanted === undefined || from.quantization !== null)
    throw refused(
      operator,
      `a cast to ${typeName(to)} is not supported`,
      'Keep this computation out of the model.',
    );
  if (wanted === from.type) return x;
  return { ...x, tensor: network.emit('CAST', [x.tensor], null, { name, shape: from.shape, type: wanted }) };
};

function castConstant(x: Constant, to: number): Constant {
  if (isFloatType(to)) return floatConstant(x.shape, x.values);
  return integerConstant(x.shape, x.values.map(to === 9 ? (each) => Number(each !== 0) : Math.trunc));
}

export const onnxChoices: readonly (readonly [string, Import])[] = [
  ['And', relation('And', 'LOGICAL_AND')],
  ['Cast', cast],
  ['Equal', relation('Equal', 'EQUAL')],
  ['Greater', relation('Greater', 'GREATER')],
  ['GreaterOrEqual', relation('GreaterOrEqual', 'GREATER_EQUAL')],
  ['Less', relation('Less', 'LESS')],
  ['LessOrEqual', relation('LessOrEqual', 'LESS_EQUAL')],
  ['Not', not],
  ['Or', relation('Or', 'LOGICAL_OR')],
  ['Where', where],
  ['Xor', relation('Xor', 'NOT_EQUAL')],
];
