import { elementCount } from '../graph/graph.ts';
import { shapeOf, transposed, type Value } from './arrangement.ts';
import { clamp, divide, hardSigmoid, named, power, scalar } from './composed_layers.ts';
import {
  type Constant,
  constantLike,
  floatConstant,
  integerConstant,
  mostElements,
  permuted,
  picked,
  rowMajorStrides,
} from './constant.ts';
import {
  alongLast,
  argument,
  batchMatMul,
  binary,
  type Cut,
  concatenation,
  fullyConnected,
  isConstant,
  type Operand,
  reduce,
  reshape,
  resolvedAxis,
  slice,
  transpose,
  unary,
} from './element_layers.ts';
import { foldElementwise } from './fold_constants.ts';
import { refused } from './network.ts';
import { onnxChoices } from './onnx_choices.ts';
import {
  attributeFloat,
  attributeFloats,
  attributeInteger,
  attributeIntegers,
  attributeTensor,
  attributeText,
  readTensor,
} from './onnx_file.ts';
import { onnxFunctions } from './onnx_functions.ts';
import {
  constant,
  type Import,
  list,
  type OnnxOperator,
  operand,
  optionalConstant,
  shapeOfOperand,
  value,
} from './onnx_inputs.ts';
import { onnxMoves, takenBackwards } from './onnx_moves.ts';
import { onnxNormalizations } from './onnx_normalizations.ts';
import { gruNode, lstmNode, rnnNode } from './onnx_recurrent.ts';
import { onnxReductions } from './onnx_reductions.ts';
import { resizeNode } from './onnx_resize.ts';
import {
  averagePool,
  convolution,
  maxPool,
  type SlidingWindow,
  sumPool,
  transposedConvolution,
} from './sliding_layers.ts';
import { taken } from './taken_elements.ts';

function window(operator: OnnxOperator, kernel: readonly number[]): SlidingWindow {
  const { node } = operator;
  const ones = kernel.map(() => 1);
  const rule = attributeText(node, 'auto_pad', 'NOTSET');
  const zeros = [...kernel, ...kernel].map(() => 0);
  const given = attributeIntegers(node, 'pads') ?? zeros;
  const pads =
    rule === 'SAME_UPPER'
      ? 'same-upper'
      : rule === 'SAME_LOWER'
        ? 'same-lower'
        : rule === 'VALID'
          ? zeros
          : given;
  return {
    kernel,
    strides: attributeIntegers(node, 'strides') ?? ones,
    dilations: attributeIntegers(node, 'dilations') ?? ones,
    pads,
    ceil: attributeInteger(node, 'ceil_mode', 0) !== 0,
  };
}

/** Padding that is given by the size of the output: as much as is too much, half before and half after. */
function transposedPads(
  operator: OnnxOperator,
  kernel: readonly number[],
  { strides, dilations }: SlidingWindow,
  outputPadding: readonly number[],
): readonly number[] | null {
  const { node } = operator;
  const rule = attributeText(node, 'auto_pad', 'NOTSET');
  const spatial = shapeOf(value(operator, 0)).slice(2);
  const isSame = rule.startsWith('SAME');
  const asked =
    attributeIntegers(node, 'output_shape')?.slice(-kernel.length) ??
    (isSame ? spatial.map((size, at) => size * (strides[at] ?? 1)) : null);
  if (asked === null) return null;
  const totals = kernel.map((filter, at) => {
    const reach = (filter - 1) * (dilations[at] ?? 1) + 1;
    const full = (strides[at] ?? 1) * ((spatial[at] ?? 1) - 1) + (outputPadding[at] ?? 0) + reach;
    return full - (asked[at] ?? full);
  });
  const halves = totals.map((total) => Math.floor(total / 2));
  const others = totals.map((total, at) => total - (halves[at] as number));
  return rule === 'SAME_UPPER' ? [...halves, ...others] : [...others, ...halves];
}

function convTranspose(operator: OnnxOperator): Operand {
  const weights = constant(operator, 1, 'the weights');
  const kernel = weights.shape.slice(2);
  const given = window(operator, kernel);
  const outputPadding = attributeIntegers(operator.node, 'output_padding') ?? kernel.map(() => 0);
  const pads = transposedPads(operator, kernel, given, outputPadding) ?? given.pads;
  return transposedConvolution(
    operator,
    value(operator, 0),
    { ...given, pads, outputPadding },
    {
      weights,
      bias: optionalConstant(operator, 2, 'the bias'),
      groups: attributeInteger(operator.node, 'group', 1),
    },
  );
}

/** (Σ |x|^p)^(1/p) over each window. */
function lpPool(operator: OnnxOperator): Operand {
  const x = value(operator, 0);
  const order = attributeInteger(operator.node, 'p', 2);
  const sizes = order === 2 ? x : unary(named(operator, 'sizes'), 'ABS', x);
  const powers = power(named(operator, 'powers'), sizes, order);
  const sums = sumPool(named(operator, 'sums'), powers, window(operator, kernelOf(operator)));
  return power(operator, sums, 1 / order);
}

function kernelOf(operator: OnnxOperator): readonly number[] {
  const kernel = attributeIntegers(operator.node, 'kernel_shape') ?? [];
  if (kernel.length >= 1 && kernel.length <= 3) return kernel;
  throw refused(
    operator,
    `a window of ${kernel.length} dimensions is not supported`,
    'One to three dimensions are.',
  );
}

/** Constants are computed at once, values by the TFLite operator. */
function elementwise(kind: string, tflite: string): Import {
  return (operator) => {
    const a = operand(operator, 0);
    const b = operand(operator, 1);
    if (!isConstant(a) || !isConstant(b)) return binary(operator, tflite, a, b);
    return folded(kind, operator, [a, b]);
  };
}

function folded(kind: string, operator: OnnxOperator, inputs: readonly Constant[]): Constant {
  const result = foldElementwise(kind, inputs);
  if (result !== null) return result;
  throw refused(operator, 'its constants do not fit together', 'Export the model again.');
}

/** MAXIMUM of any number of operands. */
function several(kind: string, tflite: string): Import {
  return (operator) =>
    operator.inputs
      .map((_, position) => operand(operator, position))
      .reduce((a, b) =>
        isConstant(a) && isConstant(b) ? folded(kind, operator, [a, b]) : binary(operator, tflite, a, b),
      );
}

function argumentNode(kind: 'ARG_MAX' | 'ARG_MIN'): Import {
  return (operator) => {
    const { node } = operator;
    const axis = attributeInteger(node, 'axis', 0);
    const keeps = attributeInteger(node, 'keepdims', 1) !== 0;
    return attributeInteger(node, 'select_last_index', 0) !== 0
      ? lastArgument(operator, kind, value(operator, 0), axis, keeps)
      : argument(operator, kind, value(operator, 0), axis, keeps);
  };
}

/** The last of equal elements is the first one from behind. */
function lastArgument(
  operator: OnnxOperator,
  kind: 'ARG_MAX' | 'ARG_MIN',
  x: Value,
  axis: number,
  keeps: boolean,
): Value {
  const { network, name } = operator;
  const along = resolvedAxis(operator, axis, shapeOf(x).length);
  const last = (shapeOf(x)[along] as number) - 1;
  const backwards = Array.from({ length: last + 1 }, (_, at) => last - at);
  const turned = taken(named(operator, 'backwards'), x, along, backwards);
  const found = argument(named(operator, 'from_behind'), kind, turned, along, keeps);
  const { shape, type } = network.tensor(found.tensor);
  const inputs = [network.integers(`${name}/last`, [last]), found.tensor];
  return { ...found, tensor: network.emit('SUB', inputs, { activation: 'none' }, { name, shape, type }) };
}

function gemm(operator: OnnxOperator): Operand {
  const { node } = operator;
  const alpha = attributeFloat(node, 'alpha', 1);
  const beta = attributeFloat(node, 'beta', 1);
  const a = value(operator, 0);
  const x = attributeInteger(node, 'transA', 0) !== 0 ? transpose(operator, a, [1, 0]) : a;
  const given = operand(operator, 1);
  const isTurned = attributeInteger(node, 'transB', 0) !== 0;
  const c = operator.inputs[2] ?? null;
  if (!isConstant(given)) {
    const columns = isTurned ? transpose(operator, given, [1, 0]) : given;
    const product = batchMatMul(
      c === null && alpha === 1 ? operator : named(operator, 'product'),
      x,
      columns,
    );
    const scaled =
      alpha === 1
        ? product
        : binary(c === null ? operator : named(operator, 'scale'), 'MUL', product, scalar(alpha));
    return c === null ? scaled : binary(operator, 'ADD', scaled, scaledBy(operator, c, beta));
  }
  const turned = isTurned ? given : permuted(given, [1, 0]);
  const weights =
    alpha === 1
      ? turned
      : floatConstant(
          turned.shape,
          turned.values.map((weight) => weight * alpha),
        );
  if (c === null) return fullyConnected(operator, x, weights, null);
  const isBias = isConstant(c) && (c.values.length === 1 || c.shape.at(-1) === c.values.length);
  if (isBias) return fullyConnected(operator, x, weights, scaledBy(operator, c, beta) as Constant);
  const product = fullyConnected(operator, x, weights, null);
  return binary({ ...operator, name: `${operator.name}/add` }, 'ADD', product, scaledBy(operator, c, beta));
}

function scaledBy(operator: OnnxOperator, x: Operand, factor: number): Operand {
  if (factor === 1) return x;
  if (!isConstant(x)) return binary(named(operator, 'beta'), 'MUL', x, scalar(factor));
  return floatConstant(
    x.shape,
    x.values.map((each) => each * factor),
  );
}

/** Vectors are rows on the left and columns on the right, and their dimension goes from the product. */
function matMul(operator: OnnxOperator): Operand {
  const a = operand(operator, 0);
  const b = operand(operator, 1);
  if (!isConstant(a) && isConstant(b) && b.shape.length === 2)
    return fullyConnected(operator, a, permuted(b, [1, 0]), null);
  const [left, right] = [shapeOfOperand(a), shapeOfOperand(b)];
  if (left.length !== 1 && right.length !== 1) return batchMatMul(operator, a, b);
  const row = left.length === 1 ? inNewShape(operator, a, [1, ...left]) : a;
  const column = right.length === 1 ? inNewShape(operator, b, [...right, 1]) : b;
  const product = batchMatMul(operator, row, column);
  const shape = [...shapeOf(product)];
  if (right.length === 1) shape.splice(-1, 1);
  if (left.length === 1) shape.splice(right.length === 1 ? -1 : -2, 1);
  return reshape(operator, product, shape);
}

/** Opsets before 13 flatten all dimensions from the axis on. */
function softmax(kind: string, options: unknown): Import {
  return (operator) => {
    const x = value(operator, 0);
    const shape = shapeOf(x);
    const axis = attributeInteger(operator.node, 'axis', operator.opset < 13 ? 1 : -1);
    const at = resolvedAxis(operator, axis, Math.max(1, shape.length));
    if (operator.opset >= 13 || elementCount(shape.slice(at + 1)) === 1)
      return alongLast(operator, kind, x, at, options);
    const flat = reshape(operator, x, [elementCount(shape.slice(0, at)), elementCount(shape.slice(at))]);
    return reshape(operator, alongLast(operator, kind, flat, 1, options), shape);
  };
}

function reshapeNode(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const from = isConstant(x) ? x.shape : shapeOf(x);
  const asked = list(operator, 1, 'shape') ?? [];
  const keepsZero = attributeInteger(operator.node, 'allowzero', 0) === 0;
  const sizes = asked.map((size, axis) => (size === 0 && keepsZero ? (from[axis] ?? 0) : size));
  const known = elementCount(sizes.filter((size) => size !== -1));
  return inNewShape(
    operator,
    x,
    sizes.map((size) => (size === -1 ? elementCount(from) / known : size)),
  );
}

function inNewShape(operator: OnnxOperator, x: Operand, shape: readonly number[]): Operand {
  if (!isConstant(x)) return reshape(operator, x, shape);
  if (elementCount(shape) === x.values.length && shape.every((size) => Number.isInteger(size) && size >= 0))
    return { ...x, shape };
  throw refused(
    operator,
    `${x.values.length} elements cannot take the shape [${shape.join(', ')}]`,
    'Export the model again.',
  );
}

function flatten(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const shape = shapeOfOperand(x);
  const axis = attributeInteger(operator.node, 'axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return inNewShape(operator, x, [elementCount(shape.slice(0, at)), elementCount(shape.slice(at))]);
}

function squeeze(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const shape = shapeOfOperand(x);
  const axes = list(operator, 1, 'axes')?.map((axis) => resolvedAxis(operator, axis, shape.length));
  return inNewShape(
    operator,
    x,
    shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis))),
  );
}

function unsqueeze(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const shape = [...shapeOfOperand(x)];
  const asked = list(operator, 1, 'axes') ?? [];
  const rank = shape.length + asked.length;
  const axes = asked.map((axis) => resolvedAxis(operator, axis, rank)).sort((a, b) => a - b);
  for (const axis of axes) shape.splice(axis, 0, 1);
  return inNewShape(operator, x, shape);
}

function transposeNode(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const rank = shapeOfOperand(x).length;
  const order =
    attributeIntegers(operator.node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (!isConstant(x)) return transpose(operator, x, order);
  if (
    order.length === rank &&
    new Set(order).size === rank &&
    order.every((axis) => axis >= 0 && axis < rank)
  )
    return permuted(x, order);
  throw refused(
    operator,
    `[${order.join(', ')}] is no permutation of ${rank} dimensions`,
    'Export the model again.',
  );
}

/** ONNX's begin, end, step along one dimension as indices from the front. */
function cutOf(
  operator: OnnxOperator,
  axis: number,
  extent: number,
  from: number,
  to: number,
  step: number,
): Cut {
  const bounded = (index: number): number =>
    Math.min(extent, Math.max(0, index < 0 ? index + extent : index));
  if (!Number.isInteger(step) || step === 0)
    throw refused(operator, `a slice with a step of ${step} is not supported`, 'Slice by whole steps.');
  if (step < 0) {
    const before = (index: number): number =>
      Math.min(extent - 1, Math.max(-1, index < 0 ? index + extent : index));
    return { axis, from: before(from), to: before(to), step };
  }
  return { axis, from: bounded(from), to: bounded(to), step };
}

function sliceNode(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const shape = shapeOfOperand(x);
  const starts = list(operator, 1, 'starts') ?? [];
  const ends = list(operator, 2, 'ends') ?? [];
  const axes = list(operator, 3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = list(operator, 4, 'steps') ?? starts.map(() => 1);
  const cuts = axes.map((asked, at) => {
    const axis = resolvedAxis(operator, asked, shape.length);
    return cutOf(operator, axis, shape[axis] as number, starts[at] ?? 0, ends[at] ?? 0, steps[at] ?? 1);
  });
  if (!isConstant(x)) {
    const forwards = cuts.filter(({ step }) => step > 0);
    const backwards = cuts.filter(({ step }) => step < 0);
    const last = backwards.length === 0 ? operator : named(operator, 'forwards');
    return backwards.reduce(
      (part: Value, cut) => takenBackwards(operator, part, cut),
      slice(last, x, forwards),
    );
  }
  const strides = rowMajorStrides(x.shape);
  const of = (axis: number) =>
    cuts.find((cut) => cut.axis === axis) ?? { from: 0, to: shape[axis] as number, step: 1 };
  const size = shape.map((_, axis) => Math.max(0, Math.ceil((of(axis).to - of(axis).from) / of(axis).step)));
  const first = shape.reduce((sum, _, axis) => sum + of(axis).from * (strides[axis] as number), 0);
  const along = strides.map((stride, axis) => stride * of(axis).step);
  return constantLike(x, size, picked(x.values, size, along, first));
}

function split(operator: OnnxOperator): readonly Operand[] {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const axis = resolvedAxis(operator, attributeInteger(operator.node, 'axis', 0), shape.length);
  const extent = shape[axis] as number;
  const count = operator.node.outputs.length;
  const part = Math.ceil(extent / count);
  const sizes =
    list(operator, 1, 'split') ??
    Array.from({ length: count }, (_, at) => Math.min(part, extent - at * part));
  if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== extent)
    throw refused(
      operator,
      `parts of [${sizes.join(', ')}] do not make up ${extent} elements`,
      'Export the model again.',
    );
  let from = 0;
  return sizes.map((size, at) => {
    const cut = { axis, from, to: from + size, step: 1 };
    from += size;
    return slice({ ...operator, name: operator.node.outputs[at] || `${operator.name}_${at}` }, x, [cut]);
  });
}

function concat(operator: OnnxOperator): Operand {
  const operands = operator.inputs.map((_, position) => operand(operator, position));
  const axis = attributeInteger(operator.node, 'axis', 0);
  const constants = operands.filter(isConstant);
  const [first] = constants;
  if (constants.length < operands.length || first === undefined)
    return concatenation(operator, operands, axis);
  const at = resolvedAxis(operator, axis, first.shape.length);
  const fits = constants.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((size, dim) => dim === at || size === first.shape[dim]),
  );
  const total = constants.reduce((sum, { shape }) => sum + (shape[at] as number), 0);
  const shape = first.shape.map((size, dim) => (dim === at ? total : size));
  if (!fits || !(elementCount(shape) <= mostElements))
    throw refused(operator, 'the shapes to be concatenated do not fit', 'Export the model again.');
  const outer = elementCount(shape.slice(0, at));
  const values = new Float64Array(elementCount(shape));
  let to = 0;
  for (let row = 0; row < outer; row++)
    for (const { values: source } of constants) {
      const length = source.length / outer;
      values.set(source.subarray(row * length, (row + 1) * length), to);
      to += length;
    }
  return constantLike(first, shape, values);
}

/** PyTorch's pixel shuffle (CRD), or TFLite's order (DCR). */
function depthToSpace(operator: OnnxOperator): Operand {
  const x = value(operator, 0);
  const [batch = 1, channels = 1, height = 1, width = 1] = shapeOf(x);
  const block = attributeInteger(operator.node, 'blocksize', 0);
  const depth = channels / (block * block);
  if (shapeOf(x).length !== 4 || block < 1 || !Number.isInteger(depth))
    throw refused(
      operator,
      `blocks of ${block} do not divide ${channels} channels`,
      'Export the model again.',
    );
  const isColumnMajor = attributeText(operator.node, 'mode', 'DCR') === 'CRD';
  const taken = isColumnMajor
    ? reshape(operator, x, [batch, depth, block, block, height, width])
    : reshape(operator, x, [batch, block, block, depth, height, width]);
  const turned = transposed(taken, isColumnMajor ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return reshape(operator, turned, [batch, depth, height * block, width * block]);
}

function clip(operator: OnnxOperator): Operand {
  const bound = (position: number, name: string, fallback: number): number =>
    optionalConstant(operator, position, name)?.values[0] ?? attributeFloat(operator.node, name, fallback);
  return clamp(operator, value(operator, 0), bound(1, 'min', -Infinity), bound(2, 'max', Infinity));
}

/** LeakyRelu and PRelu; the slopes broadcast to the input. */
function pRelu(operator: OnnxOperator): Operand {
  return binary(operator, 'PRELU', value(operator, 0), constant(operator, 1, 'the slopes'));
}

function globalPool(kind: string): Import {
  return (operator) => {
    const x = value(operator, 0);
    return reduce(operator, kind, x, [...shapeOf(x).keys()].slice(2), true);
  };
}

function constantNode(operator: OnnxOperator): Constant {
  const { node } = operator;
  const tensor = attributeTensor(node, 'value');
  if (tensor !== null) return readTensor(tensor, operator.external);
  const numbers = attributeFloats(node, 'value_floats');
  if (numbers !== null) return floatConstant([numbers.length], numbers);
  const whole = attributeIntegers(node, 'value_ints');
  if (whole !== null) return integerConstant([whole.length], whole);
  if (node.attributes.has('value_float')) return floatConstant([], [attributeFloat(node, 'value_float', 0)]);
  if (node.attributes.has('value_int')) return integerConstant([], [attributeInteger(node, 'value_int', 0)]);
  throw refused(operator, 'a constant of this kind is not supported', 'Export with numbers as constants.');
}

function constantOfShape(operator: OnnxOperator): Constant {
  const shape = list(operator, 0, 'shape') ?? [];
  const tensor = attributeTensor(operator.node, 'value');
  const fill = tensor === null ? floatConstant([1], [0]) : readTensor(tensor, operator.external);
  const count = elementCount(shape);
  if (shape.some((size) => !(size >= 0)) || !(count <= mostElements) || fill.values.length !== 1)
    throw refused(operator, `the shape [${shape.join(', ')}] is too large`, 'Export the model again.');
  return constantLike(fill, shape, new Float64Array(count).fill(fill.values[0] as number));
}

function range(operator: OnnxOperator): Constant {
  const [start = 0, limit = 0, step = 0] = [0, 1, 2].map((at) => constant(operator, at, 'a bound').values[0]);
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (!(count <= mostElements)) throw refused(operator, 'the range is too long', 'Export the model again.');
  return constantLike(
    constant(operator, 0, 'a bound'),
    [count],
    Float64Array.from({ length: count }, (_, at) => start + at * step),
  );
}

const same: Import = (operator) => operand(operator, 0);

/** Nothing, once training is over. */
const dropout: Import = (operator) => {
  const isTraining = optionalConstant(operator, 2, 'whether it trains')?.values[0] ?? 0;
  const ratio = optionalConstant(operator, 1, 'the ratio')?.values[0] ?? 0.5;
  if (isTraining !== 0 && ratio !== 0)
    throw refused(operator, 'the dropout is still training', 'Export the model in eval mode.');
  return operand(operator, 0);
};

/** Every ONNX operator that is imported, by name. */
export const onnxOperators: ReadonlyMap<string, Import> = new Map<string, Import>([
  ...onnxFunctions,
  ...onnxChoices,
  ...onnxMoves,
  ...onnxNormalizations,
  ...onnxReductions,
  ['Add', elementwise('Add', 'ADD')],
  ['ArgMax', argumentNode('ARG_MAX')],
  ['ArgMin', argumentNode('ARG_MIN')],
  [
    'AveragePool',
    (operator) =>
      averagePool(
        operator,
        value(operator, 0),
        window(operator, kernelOf(operator)),
        attributeInteger(operator.node, 'count_include_pad', 0) !== 0,
      ),
  ],
  ['Clip', clip],
  ['Concat', concat],
  ['Constant', constantNode],
  ['ConstantOfShape', constantOfShape],
  [
    'Conv',
    (operator) => {
      const weights = constant(operator, 1, 'the weights');
      return convolution(operator, value(operator, 0), window(operator, weights.shape.slice(2)), {
        weights,
        bias: optionalConstant(operator, 2, 'the bias'),
        groups: attributeInteger(operator.node, 'group', 1),
      });
    },
  ],
  ['ConvTranspose', convTranspose],
  ['DepthToSpace', depthToSpace],
  [
    'Div',
    (operator) => {
      const [a, b] = [operand(operator, 0), operand(operator, 1)];
      return isConstant(a) && isConstant(b) ? folded('Div', operator, [a, b]) : divide(operator, a, b);
    },
  ],
  ['Dropout', dropout],
  ['Flatten', flatten],
  ['GRU', gruNode],
  ['Gemm', gemm],
  ['GlobalAveragePool', globalPool('MEAN')],
  ['GlobalMaxPool', globalPool('REDUCE_MAX')],
  [
    'HardSigmoid',
    (operator) =>
      hardSigmoid(
        operator,
        value(operator, 0),
        attributeFloat(operator.node, 'alpha', 0.2),
        attributeFloat(operator.node, 'beta', 0.5),
      ),
  ],
  ['HardSwish', (operator) => unary(operator, 'HARD_SWISH', value(operator, 0))],
  ['Identity', same],
  ['LSTM', lstmNode],
  ['LpPool', lpPool],
  ['LogSoftmax', softmax('LOG_SOFTMAX', null)],
  ['MatMul', matMul],
  ['Max', several('Max', 'MAXIMUM')],
  [
    'MaxPool',
    (operator) => {
      if (operator.node.outputs.length > 1)
        throw refused(
          operator,
          'the positions of maxima are not computed',
          'Export the pooling with one output.',
        );
      const x = value(operator, 0);
      return maxPool(
        operator,
        x,
        window(operator, kernelOf(operator)),
        operator.network.isNonNegative(x.tensor),
      );
    },
  ],
  ['Min', several('Min', 'MINIMUM')],
  ['Mul', elementwise('Mul', 'MUL')],
  ['PRelu', pRelu],
  ['RNN', rnnNode],
  ['Range', range],
  ['Relu', (operator) => unary(operator, 'RELU', value(operator, 0))],
  ['Reshape', reshapeNode],
  ['Resize', resizeNode],
  [
    'Shape',
    (operator) => {
      const shape = shapeOfOperand(operand(operator, 0));
      const part = shape.slice(
        attributeInteger(operator.node, 'start', 0),
        attributeInteger(operator.node, 'end', shape.length),
      );
      return integerConstant([part.length], part);
    },
  ],
  ['Sigmoid', (operator) => unary(operator, 'LOGISTIC', value(operator, 0))],
  ['Slice', sliceNode],
  ['Softmax', softmax('SOFTMAX', { beta: 1 })],
  ['Split', split],
  ['Squeeze', squeeze],
  ['Sub', elementwise('Sub', 'SUB')],
  ['Sum', several('Add', 'ADD')],
  ['Tanh', (operator) => unary(operator, 'TANH', value(operator, 0))],
  ['Transpose', transposeNode],
  ['Unsqueeze', unsqueeze],
  ['Upsample', resizeNode],
]);
