import { shapeOf, type Value } from './arrangement.ts';
import { multipliedAlong, named, product, scalar } from './composed_layers.ts';
import { floatConstant } from './constant.ts';
import { binary, reduce, reshape, resolvedAxis, unary } from './element_layers.ts';
import { refused } from './network.ts';
import { attributeInteger } from './onnx_file.ts';
import { constant, type Import, list, type OnnxOperator, value } from './onnx_inputs.ts';

/** ONNX's Reduce…, as compositions where TFLite has no operator for them, and sums along a dimension. */

interface Reduction {
  /** Before it, element by element. */
  before?(operator: OnnxOperator, x: Value): Value;
  readonly kind: string;
  after?(operator: OnnxOperator, x: Value): Value;
}

function reduction({ before = (_, x) => x, kind, after = (_, x) => x }: Reduction): Import {
  return (operator) => {
    const axes = list(operator, 1, 'axes') ?? [];
    const x = value(operator, 0);
    const isNone = axes.length === 0 && attributeInteger(operator.node, 'noop_with_empty_axes', 0) !== 0;
    const given = before(operator, x);
    if (isNone) return after(operator, given);
    return after(
      operator,
      reduce(operator, kind, given, axes, attributeInteger(operator.node, 'keepdims', 1) !== 0),
    );
  };
}

const squares = (operator: OnnxOperator, x: Value): Value => unary(named(operator, 'squares'), 'SQUARE', x);
const logarithm = (operator: OnnxOperator, x: Value): Value => unary(named(operator, 'logarithm'), 'LOG', x);

/** Axes of the value; without any all of them, or none where the node says so. */
function axesOf(operator: OnnxOperator, rank: number): readonly number[] {
  const axes = list(operator, 1, 'axes') ?? [];
  if (axes.length > 0) return axes.map((axis) => resolvedAxis(operator, axis, rank));
  if (attributeInteger(operator.node, 'noop_with_empty_axes', 0) !== 0) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

function kept(operator: OnnxOperator, x: Value, axes: readonly number[]): Value {
  if (attributeInteger(operator.node, 'keepdims', 1) !== 0) return x;
  return reshape(
    operator,
    x,
    shapeOf(x).filter((_, axis) => !axes.includes(axis)),
  );
}

/** log Σ e^x, the highest element taken off first, so that no power overflows. */
const logSumExp: Import = (operator) => {
  const x = value(operator, 0);
  const axes = axesOf(operator, shapeOf(x).length);
  if (axes.length === 0) return x;
  const most = reduce(named(operator, 'highest'), 'REDUCE_MAX', x, axes, true);
  const less = binary(named(operator, 'less'), 'SUB', x, most);
  const powers = unary(named(operator, 'powers'), 'EXP', less);
  const sum = reduce(named(operator, 'sum'), 'SUM', powers, axes, true);
  return kept(operator, binary(operator, 'ADD', logarithm(operator, sum), most), axes);
};

const mostFactors = 4096;

const reduceProd: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const axes = axesOf(operator, shape.length);
  if (axes.some((axis) => (shape[axis] ?? 0) > mostFactors))
    throw refused(operator, 'the product has too many factors', `Multiply at most ${mostFactors} numbers.`);
  return kept(operator, product(operator, x, axes), axes);
};

const longestSum = 2048;

/** Sums of all elements up to each one: a triangle of ones times the elements. */
const cumSum: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const axis = resolvedAxis(operator, constant(operator, 1, 'the axis').values[0] ?? 0, shape.length);
  const extent = shape[axis] as number;
  if (extent > longestSum)
    throw refused(operator, `sums along ${extent} elements are not supported`, `At most ${longestSum} are.`);
  const isReverse = attributeInteger(operator.node, 'reverse', 0) !== 0;
  const isExclusive = attributeInteger(operator.node, 'exclusive', 0) !== 0;
  const triangle = Float32Array.from({ length: extent * extent }, (_, at) => {
    const [to, from] = [Math.floor(at / extent), at % extent];
    const behind = isReverse ? from - to : to - from;
    return behind > 0 || (behind === 0 && !isExclusive) ? 1 : 0;
  });
  return multipliedAlong(operator, x, axis, floatConstant([extent, extent], triangle));
};

/** The mean of any number of operands, with broadcasting. */
const mean: Import = (operator) => {
  const values = operator.inputs.map((_, position) => value(operator, position));
  const sum = values.reduce((a, b, at) => binary(named(operator, `sum_${at}`), 'ADD', a, b));
  return values.length === 1 ? sum : binary(operator, 'MUL', sum, scalar(1 / values.length));
};

export const onnxReductions: readonly (readonly [string, Import])[] = [
  ['CumSum', cumSum],
  ['Mean', mean],
  [
    'ReduceL1',
    reduction({ before: (operator, x) => unary(named(operator, 'sizes'), 'ABS', x), kind: 'SUM' }),
  ],
  [
    'ReduceL2',
    reduction({
      before: squares,
      kind: 'SUM',
      after: (operator, x) => unary(named(operator, 'root'), 'SQRT', x),
    }),
  ],
  ['ReduceLogSum', reduction({ kind: 'SUM', after: logarithm })],
  ['ReduceLogSumExp', logSumExp],
  ['ReduceMax', reduction({ kind: 'REDUCE_MAX' })],
  ['ReduceMean', reduction({ kind: 'MEAN' })],
  ['ReduceMin', reduction({ kind: 'REDUCE_MIN' })],
  ['ReduceProd', reduceProd],
  ['ReduceSum', reduction({ kind: 'SUM' })],
  ['ReduceSumSquare', reduction({ before: squares, kind: 'SUM' })],
];
