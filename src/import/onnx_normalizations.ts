import { elementCount } from '../graph/graph.ts';
import { shapeOf, type Value } from './arrangement.ts';
import { batchNormalization, inverseRoot, named, power, scalar, standardized } from './composed_layers.ts';
import { type Constant, floatConstant } from './constant.ts';
import { binary, type Operand, pad, reduce, reshape, resolvedAxis, unary } from './element_layers.ts';
import { refused } from './network.ts';
import { attributeFloat, attributeInteger, attributeIntegers } from './onnx_file.ts';
import { constant, type Import, type OnnxOperator, operand, value } from './onnx_inputs.ts';
import { averagePool } from './sliding_layers.ts';

/** ONNX's normalizations; those whose statistics are the input's own are compositions. */

function dims(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

const batchNorm: Import = (operator) => {
  if (attributeInteger(operator.node, 'training_mode', 0) !== 0)
    throw refused(operator, 'the batch normalization is still training', 'Export the model in eval mode.');
  const [scale, shift, mean, variance] = ['the scale', 'the shift', 'the mean', 'the variance'].map(
    (what, at) => constant(operator, at + 1, what),
  ) as [Constant, Constant, Constant, Constant];
  const epsilon = attributeFloat(operator.node, 'epsilon', 1e-5);
  return batchNormalization(operator, value(operator, 0), { scale, shift, mean, variance, epsilon });
};

/** Scale and shift by channel, dimension 1. */
function byChannel(operator: OnnxOperator, x: Value): Value {
  const shape = shapeOf(x);
  const channels = shape[1] ?? 1;
  const along = [channels, ...shape.slice(2).map(() => 1)];
  const [scale, shift] = [constant(operator, 1, 'the scale'), constant(operator, 2, 'the shift')];
  if (scale.values.length !== channels || shift.values.length !== channels)
    throw refused(operator, `its parameters do not fit ${channels} channels`, 'Export the model again.');
  const scaled = binary(named(operator, 'scale'), 'MUL', x, floatConstant(along, scale.values));
  return binary(operator, 'ADD', scaled, floatConstant(along, shift.values));
}

const instanceNormalization: Import = (operator) => {
  const x = value(operator, 0);
  const epsilon = attributeFloat(operator.node, 'epsilon', 1e-5);
  return byChannel(operator, standardized(operator, x, dims(2, shapeOf(x).length), epsilon).value);
};

const groupNormalization: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const [batch = 1, channels = 1] = shape;
  const groups = attributeInteger(operator.node, 'num_groups', 0);
  if (!(groups >= 1) || channels % groups !== 0)
    throw refused(operator, `${groups} groups do not divide ${channels} channels`, 'Export the model again.');
  const epsilon = attributeFloat(operator.node, 'epsilon', 1e-5);
  const grouped = reshape(named(operator, 'groups'), x, [
    batch,
    groups,
    channels / groups,
    ...shape.slice(2),
  ]);
  const { value: normal } = standardized(operator, grouped, dims(2, shape.length + 1), epsilon);
  return byChannel(operator, reshape(named(operator, 'channels'), normal, shape));
};

/** The scale and the shift broadcast to the value. */
function scaledAndShifted(operator: OnnxOperator, x: Value): Value {
  const scale = operand(operator, 1);
  const shift = operator.inputs[2] ?? null;
  const scaled = binary(shift === null ? operator : named(operator, 'scale'), 'MUL', x, scale);
  return shift === null ? scaled : binary(operator, 'ADD', scaled, shift as Operand);
}

const layerNormalization: Import = (operator) => {
  const x = value(operator, 0);
  const rank = shapeOf(x).length;
  const axis = resolvedAxis(operator, attributeInteger(operator.node, 'axis', -1), rank);
  const epsilon = attributeFloat(operator.node, 'epsilon', 1e-5);
  const normal = standardized(operator, x, dims(axis, rank), epsilon);
  return [scaledAndShifted(operator, normal.value), normal.mean, normal.inverse];
};

const rmsNormalization: Import = (operator) => {
  const x = value(operator, 0);
  const rank = shapeOf(x).length;
  const axis = resolvedAxis(operator, attributeInteger(operator.node, 'axis', -1), rank);
  const epsilon = attributeFloat(operator.node, 'epsilon', 1e-5);
  const inverse = inverseRoot(operator, x, dims(axis, rank), epsilon);
  return scaledAndShifted(operator, binary(named(operator, 'standardized'), 'MUL', x, inverse));
};

/** The function of ONNX adds 1e-9 to the deviation; here its square is added to the variance. */
const meanVarianceNormalization: Import = (operator) => {
  const x = value(operator, 0);
  const axes = attributeIntegers(operator.node, 'axes') ?? [0, 2, 3];
  return standardized(operator, x, axes, 1e-18).value;
};

/** Elements whose norm is zero are zero. */
const least = 1e-30;

const lpNormalization: Import = (operator) => {
  const x = value(operator, 0);
  const axis = attributeInteger(operator.node, 'axis', -1);
  const order = attributeInteger(operator.node, 'p', 2);
  if (order !== 1 && order !== 2)
    throw refused(operator, `the norm of order ${order} is not supported`, 'Use order 1 or 2.');
  const parts = unary(named(operator, 'parts'), order === 1 ? 'ABS' : 'SQUARE', x);
  const sum = reduce(named(operator, 'sum'), 'SUM', parts, [axis], true);
  const positive = binary(named(operator, 'least'), 'MAXIMUM', sum, scalar(least));
  const inverse = unary(named(operator, 'inverse'), order === 1 ? 'RECIPROCAL' : 'RSQRT', positive);
  return binary(operator, 'MUL', x, inverse);
};

/** x ÷ (bias + alpha ÷ size × squares of the channels around)^beta */
const localResponse: Import = (operator) => {
  const { node } = operator;
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const [batch = 1, channels = 1, ...spatial] = shape;
  const size = attributeInteger(node, 'size', 1);
  const before = Math.floor((size - 1) / 2);
  const squares = unary(named(operator, 'squares'), 'SQUARE', x);
  const row = reshape(named(operator, 'row'), squares, [batch, 1, channels, elementCount(spatial)]);
  const padded = pad(named(operator, 'pad'), row, [0, 0, before, 0, 0, 0, size - 1 - before, 0], 0);
  const window = { kernel: [size, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const means = averagePool(named(operator, 'means'), padded, window, false);
  const around = reshape(named(operator, 'around'), means, shape);
  // The mean over the window is its sum ÷ size.
  const scaled = binary(named(operator, 'scale'), 'MUL', around, scalar(attributeFloat(node, 'alpha', 1e-4)));
  const biased = binary(named(operator, 'bias'), 'ADD', scaled, scalar(attributeFloat(node, 'bias', 1)));
  return binary(
    operator,
    'MUL',
    x,
    power(named(operator, 'power'), biased, -attributeFloat(node, 'beta', 0.75)),
  );
};

export const onnxNormalizations: readonly (readonly [string, Import])[] = [
  ['BatchNormalization', batchNorm],
  ['GroupNormalization', groupNormalization],
  ['InstanceNormalization', instanceNormalization],
  ['LRN', localResponse],
  ['LayerNormalization', layerNormalization],
  ['LpNormalization', lpNormalization],
  ['MeanVarianceNormalization', meanVarianceNormalization],
  ['RMSNormalization', rmsNormalization],
];
