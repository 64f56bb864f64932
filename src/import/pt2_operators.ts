import { elementCount } from '../graph/graph.ts';
import { shapeOf, transposed, type Value } from './arrangement.ts';
import { batchNormalization, clamp, divide, hardSigmoid } from './composed_layers.ts';
import { type Constant, floatConstant, integerConstant, permuted } from './constant.ts';
import {
  alongLast,
  argument,
  batchMatMul,
  binary,
  concatenation,
  fullyConnected,
  gather,
  isConstant,
  type Operand,
  pad,
  reduce,
  reshape,
  resize,
  resolvedAxis,
  slice,
  transpose,
  unary,
} from './element_layers.ts';
import { foldElementwise } from './fold_constants.ts';
import { type Layer, refused } from './network.ts';
import { nested } from './pt2_file.ts';
import {
  averagePool,
  convolution,
  maxPool,
  type SlidingWindow,
  transposedConvolution,
} from './sliding_layers.ts';

/** One ATen operator with its arguments by name. */
export interface AtenOperator extends Layer {
  readonly arguments: ReadonlyMap<string, unknown>;
  /** What a name stands for. Throws DeployError. */
  operandOf(name: string): Operand;
}

/** Axes, sizes, paddings: a few for each dimension. */
const longestList = 1024;

type Import = (operator: AtenOperator) => Operand | readonly Operand[];

/** null where the argument is absent or None. */
function optionalOperand(operator: AtenOperator, name: string): Operand | null {
  const given = operator.arguments.get(name);
  const tensor = nested(given, 'as_tensor', 'name') ?? nested(given, 'as_sym_int', 'as_name');
  if (typeof tensor === 'string') return operator.operandOf(tensor);
  const number = nested(given, 'as_float') ?? nested(given, 'as_int');
  return typeof number === 'number' ? floatConstant([], [number]) : null;
}

function operand(operator: AtenOperator, name: string): Operand {
  const found = optionalOperand(operator, name);
  if (found !== null) return found;
  throw refused(operator, `its argument ${name} is missing`, 'Export the model again.');
}

function value(operator: AtenOperator, name: string): Value {
  const found = operand(operator, name);
  return isConstant(found) ? operator.network.valueOf(`${operator.name}/${name}`, found) : found;
}

function optionalConstant(operator: AtenOperator, name: string): Constant | null {
  const found = optionalOperand(operator, name);
  if (found === null || isConstant(found)) return found;
  throw refused(
    operator,
    `its argument ${name} is computed at run time, but must be a constant`,
    'Export the model in eval mode, with frozen weights.',
  );
}

function constant(operator: AtenOperator, name: string): Constant {
  const found = optionalConstant(operator, name);
  if (found !== null) return found;
  throw refused(operator, `its argument ${name} is missing`, 'Export the model again.');
}

function number(operator: AtenOperator, name: string, fallback: number): number {
  return optionalConstant(operator, name)?.values[0] ?? fallback;
}

function flag(operator: AtenOperator, name: string, fallback: boolean): boolean {
  const given = nested(operator.arguments.get(name), 'as_bool');
  return typeof given === 'boolean' ? given : fallback;
}

function text(operator: AtenOperator, name: string, fallback: string): string {
  const given = nested(operator.arguments.get(name), 'as_string');
  return typeof given === 'string' ? given : fallback;
}

/** A list of numbers, some of which may be symbols; null where it is absent. */
function optionalList(operator: AtenOperator, name: string): readonly number[] | null {
  const given = operator.arguments.get(name);
  const single = nested(given, 'as_int');
  if (typeof single === 'number') return [single];
  const list = nested(given, 'as_ints') ?? nested(given, 'as_sym_ints') ?? nested(given, 'as_floats');
  if (!Array.isArray(list)) return null;
  if (list.length > longestList)
    throw refused(operator, `its argument ${name} has ${list.length} numbers`, 'Export the model again.');
  return list.map((item: unknown) => {
    if (typeof item === 'number') return item;
    const known = nested(item, 'as_int');
    if (typeof known === 'number') return known;
    const symbol = nested(item, 'as_name');
    const found = typeof symbol === 'string' ? operator.operandOf(symbol) : null;
    if (found !== null && isConstant(found)) return found.values[0] ?? 0;
    throw refused(operator, `its argument ${name} is not fixed`, 'Export the model with fixed shapes.');
  });
}

function list(operator: AtenOperator, name: string, fallback: readonly number[]): readonly number[] {
  return optionalList(operator, name) ?? fallback;
}

/** PyTorch lets one number stand for all spatial dimensions. */
function spatial(operator: AtenOperator, name: string, rank: number, fallback: number): readonly number[] {
  const given = list(operator, name, [fallback]);
  return Array.from({ length: rank }, (_, axis) => given[axis] ?? given.at(-1) ?? fallback);
}

function convolutionNode(operator: AtenOperator): Operand {
  const weights = constant(operator, 'weight');
  const kernel = weights.shape.slice(2);
  const rank = kernel.length;
  const rule = text(operator, 'padding', '');
  const edges = spatial(operator, 'padding', rank, 0);
  const window: SlidingWindow = {
    kernel,
    strides: spatial(operator, 'stride', rank, 1),
    dilations: spatial(operator, 'dilation', rank, 1),
    pads: rule === 'same' ? 'same-upper' : [...edges, ...edges],
  };
  const given = { weights, bias: optionalConstant(operator, 'bias'), groups: number(operator, 'groups', 1) };
  if (!flag(operator, 'transposed', false))
    return convolution(operator, value(operator, 'input'), window, given);
  const outputPadding = spatial(operator, 'output_padding', rank, 0);
  return transposedConvolution(operator, value(operator, 'input'), { ...window, outputPadding }, given);
}

function convTranspose(operator: AtenOperator): Operand {
  return convolutionNode({
    ...operator,
    arguments: new Map([...operator.arguments, ['transposed', { as_bool: true }]]),
  });
}

function poolWindow(operator: AtenOperator, x: Value): SlidingWindow {
  const rank = shapeOf(x).length - 2;
  const kernel = spatial(operator, 'kernel_size', rank, 1);
  const strides = list(operator, 'stride', []);
  const edges = spatial(operator, 'padding', rank, 0);
  return {
    kernel,
    strides: strides.length === 0 ? kernel : spatial(operator, 'stride', rank, 1),
    dilations: spatial(operator, 'dilation', rank, 1),
    pads: [...edges, ...edges],
    ceil: flag(operator, 'ceil_mode', false),
  };
}

function maxPoolNode(operator: AtenOperator): Operand {
  const x = value(operator, 'self');
  return maxPool(operator, x, poolWindow(operator, x), operator.network.isNonNegative(x.tensor));
}

function averagePoolNode(operator: AtenOperator): Operand {
  const x = value(operator, 'self');
  if (optionalOperand(operator, 'divisor_override') !== null)
    throw refused(operator, 'a divisor of its own is not supported', 'Average over the window.');
  return averagePool(operator, x, poolWindow(operator, x), flag(operator, 'count_include_pad', true));
}

/** Equal windows, where the output divides the input. */
function adaptivePool(operator: AtenOperator): Operand {
  const x = value(operator, 'self');
  const input = shapeOf(x).slice(2);
  const output = spatial(operator, 'output_size', input.length, 1);
  if (output.every((size) => size === 1))
    return reduce(operator, 'MEAN', x, [...shapeOf(x).keys()].slice(2), true);
  const kernel = input.map((size, axis) => size / (output[axis] as number));
  if (!kernel.every(Number.isInteger))
    throw refused(
      operator,
      `${input.join(' × ')} elements do not divide into ${output.join(' × ')} equal windows`,
      'Pool with a fixed window, or to 1 × 1.',
    );
  const none = input.map(() => 0);
  const window = { kernel, strides: kernel, dilations: input.map(() => 1), pads: [...none, ...none] };
  return averagePool(operator, x, window, false);
}

function batchNorm(operator: AtenOperator): Operand {
  if (flag(operator, 'training', false))
    throw refused(
      operator,
      'the batch normalization is still training',
      'Call model.eval() before exporting.',
    );
  const x = value(operator, 'input');
  const channels = shapeOf(x)[1] ?? 1;
  const same = (fill: number): Constant => floatConstant([channels], new Array(channels).fill(fill));
  return batchNormalization(operator, x, {
    scale: optionalConstant(operator, 'weight') ?? same(1),
    shift: optionalConstant(operator, 'bias') ?? same(0),
    mean: constant(operator, 'running_mean'),
    variance: constant(operator, 'running_var'),
    epsilon: number(operator, 'eps', 1e-5),
  });
}

/** a + alpha × b and a − alpha × b. */
function sum(kind: 'ADD' | 'SUB'): Import {
  return (operator) => {
    const [a, b] = [operand(operator, 'self'), operand(operator, 'other')];
    const alpha = number(operator, 'alpha', 1);
    if (isConstant(a) && isConstant(b)) return constants(operator, kind === 'ADD' ? 'Add' : 'Sub', a, b);
    if (alpha === 1) return binary(operator, kind, a, b);
    const factor = floatConstant([], [alpha]);
    const part = { ...operator, name: `${operator.name}/alpha` };
    return binary(
      operator,
      kind,
      a,
      isConstant(b) ? constants(operator, 'Mul', b, factor) : binary(part, 'MUL', b, factor),
    );
  };
}

function constants(operator: AtenOperator, kind: string, a: Constant, b: Constant): Constant {
  const result = foldElementwise(kind, [a, b]);
  if (result !== null) return result;
  throw refused(operator, 'its constants do not fit together', 'Export the model again.');
}

function product(operator: AtenOperator): Operand {
  const [a, b] = [operand(operator, 'self'), operand(operator, 'other')];
  return isConstant(a) && isConstant(b) ? constants(operator, 'Mul', a, b) : binary(operator, 'MUL', a, b);
}

function quotient(operator: AtenOperator): Operand {
  const [a, b] = [operand(operator, 'self'), operand(operator, 'other')];
  return isConstant(a) && isConstant(b) ? constants(operator, 'Div', a, b) : divide(operator, a, b);
}

function reduction(kind: string): Import {
  return (operator) =>
    reduce(
      operator,
      kind,
      value(operator, 'self'),
      list(operator, 'dim', []),
      flag(operator, 'keepdim', false),
    );
}

function linear(operator: AtenOperator): Operand {
  return fullyConnected(
    operator,
    value(operator, 'input'),
    constant(operator, 'weight'),
    optionalConstant(operator, 'bias'),
  );
}

/** bias + x × weights. */
function addmm(operator: AtenOperator): Operand {
  const weights = constant(operator, 'mat2');
  return fullyConnected(
    operator,
    value(operator, 'mat1'),
    permuted(weights, [1, 0]),
    constant(operator, 'self'),
  );
}

function matmul(operator: AtenOperator): Operand {
  const a = operand(operator, 'self');
  const b = operand(operator, operator.arguments.has('other') ? 'other' : 'mat2');
  if (!isConstant(a) && isConstant(b) && b.shape.length === 2)
    return fullyConnected(operator, a, permuted(b, [1, 0]), null);
  return batchMatMul(operator, a, b);
}

function inShape(operator: AtenOperator, x: Operand, shape: readonly number[]): Operand {
  const count = elementCount(isConstant(x) ? x.shape : shapeOf(x));
  const known = elementCount(shape.filter((size) => size !== -1));
  const full = shape.map((size) => (size === -1 ? count / known : size));
  if (!isConstant(x)) return reshape(operator, x, full);
  if (elementCount(full) === count && full.every((size) => Number.isInteger(size) && size >= 0))
    return { ...x, shape: full };
  throw refused(
    operator,
    `${count} elements cannot take the shape [${full.join(', ')}]`,
    'Export the model again.',
  );
}

function shapeOfOperand(x: Operand): readonly number[] {
  return isConstant(x) ? x.shape : shapeOf(x);
}

function flatten(operator: AtenOperator): Operand {
  const x = operand(operator, 'self');
  const shape = shapeOfOperand(x);
  const first = resolvedAxis(operator, number(operator, 'start_dim', 0), shape.length);
  const last = resolvedAxis(operator, number(operator, 'end_dim', -1), shape.length);
  return inShape(operator, x, [
    ...shape.slice(0, first),
    elementCount(shape.slice(first, last + 1)),
    ...shape.slice(last + 1),
  ]);
}

function unsqueeze(operator: AtenOperator): Operand {
  const x = operand(operator, 'self');
  const shape = [...shapeOfOperand(x)];
  shape.splice(resolvedAxis(operator, number(operator, 'dim', 0), shape.length + 1), 0, 1);
  return inShape(operator, x, shape);
}

function squeeze(operator: AtenOperator): Operand {
  const x = operand(operator, 'self');
  const shape = shapeOfOperand(x);
  const dims = optionalList(operator, 'dim')?.map((dim) => resolvedAxis(operator, dim, shape.length));
  return inShape(
    operator,
    x,
    shape.filter((size, axis) => size !== 1 || (dims !== undefined && !dims.includes(axis))),
  );
}

function permutedBy(operator: AtenOperator, order: (rank: number) => readonly number[]): Operand {
  const x = operand(operator, 'self');
  const rank = shapeOfOperand(x).length;
  const axes = order(rank).map((axis) => resolvedAxis(operator, axis, rank));
  if (!isConstant(x)) return transpose(operator, x, axes);
  if (axes.length === rank && new Set(axes).size === rank) return permuted(x, axes);
  throw refused(operator, 'its dimensions make no sense', 'Export the model again.');
}

function exchanged(operator: AtenOperator): Operand {
  const first = number(operator, 'dim0', 0);
  const second = number(operator, 'dim1', 1);
  return permutedBy(operator, (rank) => {
    const order = Array.from({ length: rank }, (_, axis) => axis);
    const [a, b] = [first, second].map((axis) => (axis < 0 ? axis + rank : axis)) as [number, number];
    return order.map((axis) => (axis === a ? b : axis === b ? a : axis));
  });
}

function joined(operator: AtenOperator): Operand {
  const tensors = nested(operator.arguments.get('tensors'), 'as_tensors');
  const names = (Array.isArray(tensors) ? tensors : []).map((tensor: unknown) =>
    String(nested(tensor, 'name')),
  );
  if (names.length === 0) throw refused(operator, 'nothing is concatenated', 'Export the model again.');
  return concatenation(operator, names.map(operator.operandOf), number(operator, 'dim', 0));
}

/** PyTorch gives the last dimension's edges first: [left, right, top, bottom, …]. */
function padded(fill: 'reflect' | 'constant'): Import {
  return (operator) => {
    const mode = text(operator, 'mode', fill);
    if (mode !== 'constant' && mode !== 'reflect')
      throw refused(operator, `padding of mode ${mode} is not supported`, 'Pad with a constant, or reflect.');
    const x = value(operator, 'self');
    const rank = shapeOf(x).length;
    const given = list(operator, operator.arguments.has('pad') ? 'pad' : 'padding', []);
    const edges = Array.from({ length: 2 * rank }, (_, at) => {
      const fromLast = rank - 1 - (at % rank);
      return given[2 * fromLast + (at < rank ? 0 : 1)] ?? 0;
    });
    return pad(operator, x, edges, mode === 'reflect' ? 'reflect' : number(operator, 'value', 0));
  };
}

function sliced(operator: AtenOperator): Operand {
  const x = value(operator, 'self');
  const shape = shapeOf(x);
  const axis = resolvedAxis(operator, number(operator, 'dim', 0), shape.length);
  const extent = shape[axis] as number;
  const bounded = (index: number): number =>
    Math.min(extent, Math.max(0, index < 0 ? index + extent : index));
  const cut = {
    axis,
    from: bounded(number(operator, 'start', 0)),
    to: bounded(number(operator, 'end', extent)),
    step: number(operator, 'step', 1),
  };
  return slice(operator, x, [cut]);
}

function selected(operator: AtenOperator): Operand {
  const index = integerConstant([], [number(operator, 'index', 0)]);
  return gather(operator, value(operator, 'self'), index, number(operator, 'dim', 0));
}

/** Parts of a length, of given lengths, or a number of parts. */
function parts(sizes: (operator: AtenOperator, extent: number) => readonly number[]): Import {
  return (operator) => {
    const x = value(operator, 'self');
    const shape = shapeOf(x);
    const axis = resolvedAxis(operator, number(operator, 'dim', 0), shape.length);
    const extent = shape[axis] as number;
    let from = 0;
    const lengths = sizes(operator, extent);
    if (lengths.length > 1000) throw refused(operator, 'it has too many parts', 'Split into fewer.');
    return lengths.map((length, at) => {
      const cut = { axis, from, to: Math.min(extent, from + length), step: 1 };
      from += length;
      return slice({ ...operator, name: `${operator.name}_${at}` }, x, [cut]);
    });
  };
}

function equalParts(extent: number, length: number): readonly number[] {
  return Array.from({ length: Math.min(1001, Math.ceil(extent / Math.max(1, length))) }, () => length);
}

function upsampled(kind: 'RESIZE_BILINEAR' | 'RESIZE_NEAREST_NEIGHBOR'): Import {
  return (operator) => {
    const x = value(operator, operator.arguments.has('input') ? 'input' : 'self');
    const shape = shapeOf(x);
    const factors = list(operator, 'scale_factors', []);
    const size =
      optionalList(operator, 'output_size') ??
      factors.map((factor, at) => Math.floor(factor * (shape[at + 2] ?? 1)));
    const alignCorners = flag(operator, 'align_corners', false);
    const isBilinear = kind === 'RESIZE_BILINEAR';
    return resize(operator, kind, x, [size[0] ?? 0, size[1] ?? 0], {
      alignCorners,
      halfPixelCenters: isBilinear && !alignCorners,
    });
  };
}

function pixelShuffle(operator: AtenOperator): Operand {
  const x = value(operator, 'self');
  const [batch = 1, channels = 1, height = 1, width = 1] = shapeOf(x);
  const block = number(operator, 'upscale_factor', 1);
  const depth = channels / (block * block);
  if (shapeOf(x).length !== 4 || !Number.isInteger(depth))
    throw refused(
      operator,
      `blocks of ${block} do not divide ${channels} channels`,
      'Export the model again.',
    );
  const taken = reshape(operator, x, [batch, depth, block, block, height, width]);
  return reshape(operator, transposed(taken, [0, 1, 4, 2, 5, 3]), [
    batch,
    depth,
    height * block,
    width * block,
  ]);
}

function clamped(least: string, most: string, low: number, high: number): Import {
  return (operator) =>
    clamp(operator, value(operator, 'self'), number(operator, least, low), number(operator, most, high));
}

function softmax(kind: string, options: unknown): Import {
  return (operator) =>
    alongLast(operator, kind, value(operator, 'self'), number(operator, 'dim', -1), options);
}

function symbolicSize(operator: AtenOperator): Operand {
  const shape = shapeOfOperand(operand(operator, 'self'));
  const axis = resolvedAxis(operator, number(operator, 'dim', 0), shape.length);
  return integerConstant([], [shape[axis] as number]);
}

function silu(operator: AtenOperator): Operand {
  const x = value(operator, 'self');
  return binary(operator, 'MUL', x, unary({ ...operator, name: `${operator.name}/sigmoid` }, 'LOGISTIC', x));
}

function onSelf(kind: string): Import {
  return (operator) => unary(operator, kind, value(operator, 'self'));
}

const same: Import = (operator) => operand(operator, operator.arguments.has('self') ? 'self' : 'input');

const sliding: readonly (readonly [string, Import])[] = [
  ['conv1d', convolutionNode],
  ['conv2d', convolutionNode],
  ['convolution', convolutionNode],
  ['conv_transpose1d', convTranspose],
  ['conv_transpose2d', convTranspose],
  ['max_pool1d', maxPoolNode],
  ['max_pool2d', maxPoolNode],
  ['avg_pool1d', averagePoolNode],
  ['avg_pool2d', averagePoolNode],
  ['adaptive_avg_pool1d', adaptivePool],
  ['adaptive_avg_pool2d', adaptivePool],
  ['upsample_nearest2d', upsampled('RESIZE_NEAREST_NEIGHBOR')],
  ['upsample_bilinear2d', upsampled('RESIZE_BILINEAR')],
];

const orderless: readonly (readonly [string, Import])[] = [
  ['abs', onSelf('ABS')],
  ['add', sum('ADD')],
  ['alias', same],
  ['batch_norm', batchNorm],
  ['_native_batch_norm_legit_no_training', batchNorm],
  ['cat', joined],
  ['clamp', clamped('min', 'max', -Infinity, Infinity)],
  ['clone', same],
  ['constant_pad_nd', padded('constant')],
  ['contiguous', same],
  ['detach', same],
  ['div', quotient],
  ['dropout', same],
  ['feature_dropout', same],
  ['hardsigmoid', (operator) => hardSigmoid(operator, value(operator, 'self'), 1 / 6, 0.5)],
  ['hardswish', onSelf('HARD_SWISH')],
  ['hardtanh', clamped('min_val', 'max_val', -1, 1)],
  [
    'leaky_relu',
    (operator) =>
      unary(operator, 'LEAKY_RELU', value(operator, 'self'), {
        alpha: number(operator, 'negative_slope', 0.01),
      }),
  ],
  ['mul', product],
  ['neg', onSelf('NEG')],
  ['pad', padded('constant')],
  [
    'prelu',
    (operator) => {
      const x = value(operator, 'self');
      const slopes = constant(operator, 'weight');
      const along = [
        slopes.values.length,
        ...shapeOf(x)
          .slice(2)
          .map(() => 1),
      ];
      return binary(operator, 'PRELU', x, { ...slopes, shape: along });
    },
  ],
  ['reflection_pad1d', padded('reflect')],
  ['reflection_pad2d', padded('reflect')],
  ['relu', onSelf('RELU')],
  ['relu6', onSelf('RELU6')],
  ['sigmoid', onSelf('LOGISTIC')],
  ['silu', silu],
  ['slice', sliced],
  ['sub', sum('SUB')],
  ['tanh', onSelf('TANH')],
];

const ordered: readonly (readonly [string, Import])[] = [
  ['_log_softmax', softmax('LOG_SOFTMAX', null)],
  ['_softmax', softmax('SOFTMAX', { beta: 1 })],
  ['addmm', addmm],
  ['amax', reduction('REDUCE_MAX')],
  ['amin', reduction('REDUCE_MIN')],
  [
    'argmax',
    (operator) =>
      argument(
        operator,
        'ARG_MAX',
        value(operator, 'self'),
        number(operator, 'dim', -1),
        flag(operator, 'keepdim', false),
      ),
  ],
  ['bmm', matmul],
  [
    'chunk',
    parts((operator, extent) =>
      equalParts(extent, Math.ceil(extent / Math.max(1, number(operator, 'chunks', 1)))),
    ),
  ],
  ['flatten', flatten],
  ['linear', linear],
  ['log_softmax', softmax('LOG_SOFTMAX', null)],
  ['matmul', matmul],
  ['mean', reduction('MEAN')],
  ['mm', matmul],
  ['permute', (operator) => permutedBy(operator, () => list(operator, 'dims', []))],
  ['pixel_shuffle', pixelShuffle],
  ['reshape', (operator) => inShape(operator, operand(operator, 'self'), list(operator, 'shape', []))],
  ['select', selected],
  ['softmax', softmax('SOFTMAX', { beta: 1 })],
  [
    'split',
    parts((operator, extent) => {
      const lengths = list(operator, 'split_size', [extent]);
      return lengths.length === 1 ? equalParts(extent, lengths[0] ?? extent) : lengths;
    }),
  ],
  ['split_with_sizes', parts((operator, extent) => list(operator, 'split_sizes', [extent]))],
  ['squeeze', squeeze],
  ['sum', reduction('SUM')],
  ['sym_size', symbolicSize],
  ['t', (operator) => permutedBy(operator, (rank) => (rank === 2 ? [1, 0] : [0]))],
  ['transpose', exchanged],
  ['unsqueeze', unsqueeze],
  ['view', (operator) => inShape(operator, operand(operator, 'self'), list(operator, 'size', []))],
  ['_unsafe_view', (operator) => inShape(operator, operand(operator, 'self'), list(operator, 'size', []))],
];

/** Every ATen operator that is imported, by name without overload. */
export const atenOperators: ReadonlyMap<string, Import> = new Map([...sliding, ...orderless, ...ordered]);

const slidingNames = new Set(sliding.map(([name]) => name));
const orderlessNames = new Set(orderless.map(([name]) => name));

export function isSliding(kind: string): boolean {
  return slidingNames.has(kind);
}

export function keepsOrder(kind: string): boolean {
  return orderlessNames.has(kind);
}
