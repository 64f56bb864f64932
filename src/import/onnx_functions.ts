import { elementCount } from '../graph/graph.ts';
import { shapeOf, type Value } from './arrangement.ts';
import { named, power, scalar } from './composed_layers.ts';
import { type Constant, constantLike } from './constant.ts';
import { binary, isConstant, unary } from './element_layers.ts';
import { foldElementwise } from './fold_constants.ts';
import { refused } from './network.ts';
import { attributeFloat, attributeText } from './onnx_file.ts';
import { constant, type Import, type OnnxOperator, operand, value } from './onnx_inputs.ts';

/** ONNX operators of one number. */

/** Constants are computed at once, values by the operator. */
export function oneByOne(kind: string, operatorKind: string, options: unknown = null): Import {
  return (operator) => {
    const x = operand(operator, 0);
    const folded = isConstant(x) ? foldElementwise(kind, [x]) : null;
    return folded ?? unary(operator, operatorKind, value(operator, 0), options);
  };
}

function exponentialUnit(
  factors: (operator: OnnxOperator) => {
    readonly above: number;
    readonly below: number;
    readonly rate: number;
  },
): Import {
  return (operator) => {
    const { above, below, rate } = factors(operator);
    if (!(rate > 0 && Number.isFinite(rate)))
      throw refused(operator, 'its alpha makes no sense', 'Export the model again.');
    const isPlain = above === 1 && below === 1 && rate === 1;
    return isPlain
      ? unary(operator, 'ELU', value(operator, 0))
      : unary(operator, 'EXPONENTIAL_UNIT', value(operator, 0), { above, below, rate });
  };
}

const gelu: Import = (operator) => {
  const approximate = attributeText(operator.node, 'approximate', 'none') === 'tanh';
  return unary(operator, 'GELU', value(operator, 0), { approximate });
};

/** x × sigmoid(alpha × x) */
const swish: Import = (operator) => {
  const x = value(operator, 0);
  const alpha = attributeFloat(operator.node, 'alpha', 1);
  const scaled = alpha === 1 ? x : binary(named(operator, 'scale'), 'MUL', x, scalar(alpha));
  return binary(operator, 'MUL', x, unary(named(operator, 'sigmoid'), 'LOGISTIC', scaled));
};

const pow: Import = (operator) => {
  const x = operand(operator, 0);
  const exponent = constant(operator, 1, 'the exponent');
  if (isConstant(x)) {
    const folded = foldElementwise('Pow', [x, exponent]);
    if (folded !== null) return folded;
  }
  const base = value(operator, 0);
  const [first = 1] = exponent.values;
  const fits =
    exponent.values.every((each) => each === first) &&
    elementCount(exponent.shape) <= elementCount(shapeOf(base));
  if (fits && exponent.shape.length <= shapeOf(base).length) return power(operator, base, first);
  return integerPowers(operator, base, exponent);
};

/** Whole powers, another for each element: by their binary digits, x^1, x^2, x^4, … where the digit is set, else 1. */
function integerPowers(operator: OnnxOperator, x: Value, exponent: Constant): Value {
  const most = Math.max(...exponent.values);
  if (
    exponent.values.length > 4096 ||
    ![...exponent.values].every((each) => Number.isInteger(each) && each >= 0) ||
    most > 64
  )
    throw refused(
      operator,
      'these powers, another for each element, are not supported',
      'Whole ones from 0 to 64 are.',
    );
  const digit = (bit: number) => [...exponent.values].map((each) => Math.floor(each / 2 ** bit) % 2);
  let square = x;
  let result: Value | null = null;
  for (let bit = 0; 2 ** bit <= Math.max(1, most); bit++) {
    if (bit > 0) square = unary(named(operator, `power_${2 ** bit}`), 'SQUARE', square);
    const set = constantLike({ is: 'float' }, exponent.shape, digit(bit));
    const clear = constantLike(
      { is: 'float' },
      exponent.shape,
      digit(bit).map((each) => 1 - each),
    );
    const masked = binary(named(operator, `masked_${bit}`), 'MUL', square, set);
    const factor = binary(named(operator, `factor_${bit}`), 'ADD', masked, clear);
    result = result === null ? factor : binary(named(operator, `product_${bit}`), 'MUL', result, factor);
  }
  return result as Value;
}

const reciprocal = oneByOne('Reciprocal', 'RECIPROCAL');

export const onnxFunctions: readonly (readonly [string, Import])[] = [
  ['Abs', oneByOne('Abs', 'ABS')],
  ['Ceil', oneByOne('Ceil', 'CEIL')],
  [
    'Celu',
    exponentialUnit(({ node }) => {
      const alpha = attributeFloat(node, 'alpha', 1);
      return { above: 1, below: alpha, rate: 1 / alpha };
    }),
  ],
  ['Elu', exponentialUnit(({ node }) => ({ above: 1, below: attributeFloat(node, 'alpha', 1), rate: 1 }))],
  ['Erf', oneByOne('Erf', 'ERF')],
  ['Exp', oneByOne('Exp', 'EXP')],
  ['Floor', oneByOne('Floor', 'FLOOR')],
  ['Gelu', gelu],
  [
    'LeakyRelu',
    (operator) =>
      unary(operator, 'LEAKY_RELU', value(operator, 0), {
        alpha: attributeFloat(operator.node, 'alpha', 0.01),
      }),
  ],
  ['Log', oneByOne('Log', 'LOG')],
  ['Mish', oneByOne('Mish', 'MISH')],
  ['Neg', oneByOne('Neg', 'NEG')],
  ['Pow', pow],
  ['Reciprocal', reciprocal],
  ['Round', oneByOne('Round', 'ROUND')],
  [
    'Selu',
    exponentialUnit(({ node }) => {
      const alpha = attributeFloat(node, 'alpha', 1.6732632);
      const gamma = attributeFloat(node, 'gamma', 1.050701);
      return { above: gamma, below: alpha * gamma, rate: 1 };
    }),
  ],
  ['Sign', oneByOne('Sign', 'SIGN')],
  ['Softplus', oneByOne('Softplus', 'SOFTPLUS')],
  ['Softsign', oneByOne('Softsign', 'SOFTSIGN')],
  ['Sqrt', oneByOne('Sqrt', 'SQRT')],
  ['Swish', swish],
  [
    'ThresholdedRelu',
    (operator) =>
      unary(operator, 'THRESHOLDED_RELU', value(operator, 0), {
        threshold: attributeFloat(operator.node, 'alpha', 1),
      }),
  ],
];
