import { elementCount } from '../graph/graph.ts';
import { shapeOf, transposed, type Value } from './arrangement.ts';
import { batchNormalization, clamp, divide, hardSigmoid } from './composed_layers.ts';
import {
  broadcastTo,
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
import {
  attributeFloat,
  attributeFloats,
  attributeInteger,
  attributeIntegers,
  attributeTensor,
  attributeText,
  isFloatType,
  type OnnxNode,
  readTensor,
  typeName,
} from './onnx_file.ts';
import { gruNode, lstmNode, rnnNode } from './onnx_recurrent.ts';
import {
  averagePool,
  convolution,
  maxPool,
  type SlidingWindow,
  transposedConvolution,
} from './sliding_layers.ts';

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

type Import = (operator: OnnxOperator) => Operand | readonly Operand[];

function operand(operator: OnnxOperator, position: number): Operand {
  const found = operator.inputs[position];
  if (found !== undefined && found !== null) return found;
  throw refused(
    operator,
    `input ${position} is missing`,
    'Export the model again: the file is not valid ONNX.',
  );
}

function value(operator: OnnxOperator, position: number): Value {
  const found = operand(operator, position);
  if (!isConstant(found)) return found;
  return operator.network.valueOf(`${operator.name}/input_${position}`, found);
}

function optionalConstant(operator: OnnxOperator, position: number, what: string): Constant | null {
  const found = operator.inputs[position];
  if (found === undefined || found === null) return null;
  if (isConstant(found)) return found;
  throw refused(
    operator,
    `${what} (input ${position}) is computed at run time, but must be a constant`,
    'Export the model with fixed shapes and frozen weights.',
  );
}

function constant(operator: OnnxOperator, position: number, what: string): Constant {
  const found = optionalConstant(operator, position, what);
  if (found !== null) return found;
  throw refused(
    operator,
    `${what} (input ${position}) is missing`,
    'Export the model again: the file is not valid ONNX.',
  );
}

/** A list that old opsets give as an attribute, newer ones as an input. */
function list(operator: OnnxOperator, position: number, name: string): readonly number[] | null {
  const given = optionalConstant(operator, position, name);
  const values = given?.values ?? attributeIntegers(operator.node, name);
  if (values !== null && values.length > longestList)
    throw refused(operator, `its ${name} are ${values.length} numbers`, 'Export the model again.');
  return values === null ? null : [...values];
}

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

function kernelOf(operator: OnnxOperator): readonly number[] {
  const kernel = attributeIntegers(operator.node, 'kernel_shape') ?? [];
  if (kernel.length === 1 || kernel.length === 2) return kernel;
  throw refused(
    operator,
    `a window of ${kernel.length} dimensions is not supported`,
    'One and two dimensions are.',
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

function oneByOne(kind: string, tflite: string): Import {
  return (operator) => {
    const x = operand(operator, 0);
    return isConstant(x) && foldElementwise(kind, [x]) !== null
      ? folded(kind, operator, [x])
      : unary(operator, tflite, value(operator, 0));
  };
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

function reduction(tflite: string): Import {
  return (operator) => {
    const axes = list(operator, 1, 'axes') ?? [];
    const x = value(operator, 0);
    if (axes.length === 0 && attributeInteger(operator.node, 'noop_with_empty_axes', 0) !== 0) return x;
    return reduce(operator, tflite, x, axes, attributeInteger(operator.node, 'keepdims', 1) !== 0);
  };
}

function onlyInFoldedConstants(kind: string): Import {
  return (operator) => {
    const inputs = operator.inputs.map((_, position) => constant(operator, position, `an input of ${kind}`));
    return folded(kind, operator, inputs);
  };
}

function gemm(operator: OnnxOperator): Operand {
  const { node } = operator;
  const alpha = attributeFloat(node, 'alpha', 1);
  const beta = attributeFloat(node, 'beta', 1);
  if (attributeInteger(node, 'transA', 0) !== 0)
    throw refused(operator, 'a transposed left matrix is not supported', 'Transpose it in the model.');
  const given = constant(operator, 1, 'the weights');
  const turned = attributeInteger(node, 'transB', 0) !== 0 ? given : permuted(given, [1, 0]);
  const weights =
    alpha === 1
      ? turned
      : floatConstant(
          turned.shape,
          turned.values.map((weight) => weight * alpha),
        );
  const c = operator.inputs[2] ?? null;
  if (c === null) return fullyConnected(operator, value(operator, 0), weights, null);
  const isBias = isConstant(c) && (c.values.length === 1 || c.shape.at(-1) === c.values.length);
  if (isBias) {
    const bias =
      beta === 1
        ? c
        : floatConstant(
            c.shape,
            c.values.map((x) => x * beta),
          );
    return fullyConnected(operator, value(operator, 0), weights, bias);
  }
  if (beta !== 1)
    throw refused(operator, 'beta other than 1 is not supported here', 'Scale the bias in the model.');
  const product = fullyConnected(operator, value(operator, 0), weights, null);
  return binary({ ...operator, name: `${operator.name}/add` }, 'ADD', product, c);
}

function matMul(operator: OnnxOperator): Operand {
  const a = operand(operator, 0);
  const b = operand(operator, 1);
  if (!isConstant(a) && isConstant(b) && b.shape.length === 2)
    return fullyConnected(operator, a, permuted(b, [1, 0]), null);
  return batchMatMul(operator, a, b);
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

function shapeOfOperand(x: Operand): readonly number[] {
  return isConstant(x) ? x.shape : shapeOf(x);
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
  if (!Number.isInteger(step) || step < 1)
    throw refused(operator, `a slice with a step of ${step} is not supported`, 'Slice forward.');
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
  if (!isConstant(x)) return slice(operator, x, cuts);
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

function gatherNode(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const indices = constant(operator, 1, 'the indices');
  const axis = attributeInteger(operator.node, 'axis', 0);
  if (!isConstant(x)) return gather(operator, x, indices, axis);
  const at = resolvedAxis(operator, axis, x.shape.length);
  const extent = x.shape[at] as number;
  const before = elementCount(x.shape.slice(0, at));
  const inner = elementCount(x.shape.slice(at + 1));
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  const positions = [...indices.values].map((index) => (index < 0 ? index + extent : index));
  if (positions.some((index) => !(index >= 0 && index < extent)) || !(elementCount(shape) <= mostElements))
    throw refused(operator, 'an index is outside of the constant', 'Export the model again.');
  const values = new Float64Array(elementCount(shape));
  let to = 0;
  for (let outer = 0; outer < before; outer++)
    for (const index of positions)
      for (let k = 0; k < inner; k++) values[to++] = x.values[(outer * extent + index) * inner + k] as number;
  return constantLike(x, shape, values);
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

function padNode(operator: OnnxOperator): Operand {
  const x = value(operator, 0);
  const rank = shapeOf(x).length;
  const given = list(operator, 1, 'pads') ?? [];
  const axes = list(operator, 3, 'axes')?.map((axis) => resolvedAxis(operator, axis, rank));
  const edges = axes === undefined ? [...given] : Array.from({ length: 2 * rank }, () => 0);
  axes?.forEach((axis, at) => {
    edges[axis] = given[at] ?? 0;
    edges[axis + rank] = given[at + axes.length] ?? 0;
  });
  const mode = attributeText(operator.node, 'mode', 'constant');
  if (mode === 'reflect') return pad(operator, x, edges, 'reflect');
  if (mode !== 'constant')
    throw refused(operator, `padding of mode ${mode} is not supported`, 'Pad with a constant, or reflect.');
  const fill =
    optionalConstant(operator, 2, 'the padding value')?.values[0] ??
    attributeFloat(operator.node, 'value', 0);
  return pad(operator, x, edges, fill);
}

function resizeNode(operator: OnnxOperator): Operand {
  const { node } = operator;
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const isUpsample = node.kind === 'Upsample';
  const scales = optionalConstant(operator, isUpsample ? 1 : 2, 'the scales');
  const sizes = isUpsample ? null : optionalConstant(operator, 3, 'the sizes');
  const asked =
    sizes !== null && sizes.values.length > 0
      ? [...sizes.values]
      : shape.map((size, axis) => Math.floor(size * (scales?.values[axis] ?? 1)));
  if (
    attributeIntegers(node, 'axes') !== null ||
    asked.length !== 4 ||
    asked[0] !== shape[0] ||
    asked[1] !== shape[1]
  )
    throw refused(
      operator,
      'only height and width of [N, C, H, W] can be resized',
      'Resize two spatial dimensions.',
    );
  const mode = attributeText(node, 'mode', 'nearest');
  const coordinates = isUpsample
    ? 'asymmetric'
    : attributeText(node, 'coordinate_transformation_mode', 'half_pixel');
  const rounding = isUpsample ? 'floor' : attributeText(node, 'nearest_mode', 'round_prefer_floor');
  const size = [asked[2] as number, asked[3] as number] as const;
  const isWhole = size.every((length, at) => length % (shape[at + 2] as number) === 0);
  // Enlarging by a whole factor, all of these repeat each element.
  const repeats =
    (coordinates === 'asymmetric' && rounding === 'floor') ||
    (isWhole && coordinates === 'half_pixel' && rounding.startsWith('round_prefer'));
  if (mode === 'nearest' && repeats)
    return resize(operator, 'RESIZE_NEAREST_NEIGHBOR', x, size, {
      alignCorners: false,
      halfPixelCenters: false,
    });
  const bilinear = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];
  const isLarge = size.every((length) => length > 1) || coordinates !== 'pytorch_half_pixel';
  if (
    mode === 'linear' &&
    bilinear.includes(coordinates) &&
    isLarge &&
    attributeInteger(node, 'antialias', 0) === 0
  )
    return resize(operator, 'RESIZE_BILINEAR', x, size, {
      alignCorners: coordinates === 'align_corners',
      halfPixelCenters: coordinates.includes('half_pixel'),
    });
  throw refused(
    operator,
    `resizing by ${mode}, ${coordinates}, ${rounding} is not supported`,
    'Use nearest with asymmetric coordinates and floor, or linear with half_pixel or align_corners.',
  );
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

function batchNorm(operator: OnnxOperator): Operand {
  if (attributeInteger(operator.node, 'training_mode', 0) !== 0)
    throw refused(operator, 'the batch normalization is still training', 'Export the model in eval mode.');
  const [scale, shift, mean, variance] = ['the scale', 'the shift', 'the mean', 'the variance'].map(
    (what, at) => constant(operator, at + 1, what),
  ) as [Constant, Constant, Constant, Constant];
  const epsilon = attributeFloat(operator.node, 'epsilon', 1e-5);
  return batchNormalization(operator, value(operator, 0), { scale, shift, mean, variance, epsilon });
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

function cast(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const to = attributeInteger(operator.node, 'to', 1);
  if (isConstant(x)) {
    if (isFloatType(to)) return floatConstant(x.shape, x.values);
    return integerConstant(x.shape, x.values.map(to === 9 ? (value) => Number(value !== 0) : Math.trunc));
  }
  if (isFloatType(to)) return x;
  throw refused(
    operator,
    `a cast to ${typeName(to)} is not supported`,
    'Keep this computation out of the model.',
  );
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

function expand(operator: OnnxOperator): Operand {
  const x = operand(operator, 0);
  const asked = list(operator, 1, 'shape') ?? [];
  const from = shapeOfOperand(x);
  const rank = Math.max(from.length, asked.length);
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(from[axis - rank + from.length] ?? 1, asked[axis - rank + asked.length] ?? 1),
  );
  if (elementCount(shape) === elementCount(from)) return inNewShape(operator, x, shape);
  const isFitting = from.every((size, axis) => size === 1 || size === shape[axis + rank - from.length]);
  if (isConstant(x) && isFitting && elementCount(shape) <= mostElements) return broadcastTo(x, shape);
  throw refused(
    operator,
    'repeating elements at run time is not supported',
    'Let the operator behind it broadcast.',
  );
}

function where(operator: OnnxOperator): Operand {
  const condition = constant(operator, 0, 'the condition');
  const [yes, no] = [constant(operator, 1, 'a choice'), constant(operator, 2, 'a choice')];
  const count = Math.max(condition.values.length, yes.values.length, no.values.length);
  const all = [condition, yes, no];
  const shape = all.find(({ values }) => values.length === count)?.shape ?? [];
  if (all.some(({ values }) => values.length !== 1 && values.length !== count))
    throw refused(operator, 'its constants do not fit together', 'Export the model again.');
  const at = ({ values }: Constant, index: number): number =>
    values[values.length === 1 ? 0 : index] as number;
  return constantLike(
    yes,
    shape,
    Float64Array.from({ length: count }, (_, index) =>
      at(condition, index) !== 0 ? at(yes, index) : at(no, index),
    ),
  );
}

const same: Import = (operator) => operand(operator, 0);

/** Every ONNX operator that is imported, by name. */
export const onnxOperators: ReadonlyMap<string, Import> = new Map<string, Import>([
  ['Abs', oneByOne('Abs', 'ABS')],
  ['Add', elementwise('Add', 'ADD')],
  [
    'ArgMax',
    (operator) =>
      argument(
        operator,
        'ARG_MAX',
        value(operator, 0),
        attributeInteger(operator.node, 'axis', 0),
        attributeInteger(operator.node, 'keepdims', 1) !== 0,
      ),
  ],
  [
    'ArgMin',
    (operator) =>
      argument(
        operator,
        'ARG_MIN',
        value(operator, 0),
        attributeInteger(operator.node, 'axis', 0),
        attributeInteger(operator.node, 'keepdims', 1) !== 0,
      ),
  ],
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
  ['BatchNormalization', batchNorm],
  ['Cast', cast],
  ['Ceil', onlyInFoldedConstants('Ceil')],
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
  [
    'ConvTranspose',
    (operator) => {
      const weights = constant(operator, 1, 'the weights');
      if (operator.node.attributes.has('output_shape'))
        throw refused(
          operator,
          'the attribute output_shape is not supported',
          'Export with output_padding instead.',
        );
      const kernel = weights.shape.slice(2);
      const outputPadding = attributeIntegers(operator.node, 'output_padding') ?? kernel.map(() => 0);
      return transposedConvolution(
        operator,
        value(operator, 0),
        { ...window(operator, kernel), outputPadding },
        {
          weights,
          bias: optionalConstant(operator, 2, 'the bias'),
          groups: attributeInteger(operator.node, 'group', 1),
        },
      );
    },
  ],
  ['DepthToSpace', depthToSpace],
  [
    'Div',
    (operator) => {
      const [a, b] = [operand(operator, 0), operand(operator, 1)];
      return isConstant(a) && isConstant(b) ? folded('Div', operator, [a, b]) : divide(operator, a, b);
    },
  ],
  ['Dropout', same],
  ['Equal', onlyInFoldedConstants('Equal')],
  ['Expand', expand],
  ['Flatten', flatten],
  ['Floor', onlyInFoldedConstants('Floor')],
  ['GRU', gruNode],
  ['Gather', gatherNode],
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
  [
    'LeakyRelu',
    (operator) =>
      unary(operator, 'LEAKY_RELU', value(operator, 0), {
        alpha: attributeFloat(operator.node, 'alpha', 0.01),
      }),
  ],
  ['LSTM', lstmNode],
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
  ['Neg', oneByOne('Neg', 'NEG')],
  ['PRelu', pRelu],
  ['Pad', padNode],
  ['RNN', rnnNode],
  ['Range', range],
  ['ReduceMax', reduction('REDUCE_MAX')],
  ['ReduceMean', reduction('MEAN')],
  ['ReduceMin', reduction('REDUCE_MIN')],
  ['ReduceSum', reduction('SUM')],
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
  ['Sqrt', onlyInFoldedConstants('Sqrt')],
  ['Squeeze', squeeze],
  ['Sub', elementwise('Sub', 'SUB')],
  ['Sum', several('Add', 'ADD')],
  ['Tanh', (operator) => unary(operator, 'TANH', value(operator, 0))],
  ['Transpose', transposeNode],
  ['Unsqueeze', unsqueeze],
  ['Upsample', resizeNode],
  ['Where', where],
]);
