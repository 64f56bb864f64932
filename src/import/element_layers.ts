import { type ElementType, elementCount } from '../graph/graph.ts';
import { limits } from '../graph/validate.ts';
import {
  arranged,
  channelsLast,
  factorsOf,
  inFileOrder,
  reshaped,
  sameList,
  shapeOf,
  transposed,
  type Value,
} from './arrangement.ts';
import { broadcastShape, type Constant, floatConstant, permuted, rowMajorStrides } from './constant.ts';
import { type Layer, refused } from './network.ts';

/** Everything but sliding windows: element by element, along one dimension, matrices, and what only moves elements. */

export type Operand = Value | Constant;

export function isConstant(operand: Operand): operand is Constant {
  return 'is' in operand;
}

/** Element by element: the order in which they lie does not matter. */
export function unary({ network, name }: Layer, kind: string, x: Value, options: unknown = null): Value {
  const { shape } = network.tensor(x.tensor);
  return { ...x, tensor: network.emit(kind, [x.tensor], options, { name, shape }) };
}

const withActivation = new Set(['ADD', 'SUB', 'MUL', 'DIV']);

/** Their output is a truth. */
const relations = new Set(
  'EQUAL NOT_EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL LOGICAL_AND LOGICAL_OR'.split(' '),
);

function typed(kind: string): { readonly type?: ElementType } {
  return relations.has(kind) ? { type: 'bool' } : {};
}

/** ADD, SUB, MUL, MAXIMUM, MINIMUM, PRELU with numpy's broadcasting. At least one operand is a value. */
export function binary(layer: Layer, kind: string, a: Operand, b: Operand): Value {
  const { network, name } = layer;
  const [first, second] = [a, b].map((operand) => (isConstant(operand) ? operand.shape : shapeOf(operand)));
  const shape = broadcastShape(first ?? [], second ?? []);
  if (shape === null)
    throw refused(
      layer,
      `shapes [${first?.join(', ')}] and [${second?.join(', ')}] do not broadcast`,
      'Export the model again.',
    );
  const options = withActivation.has(kind) ? { activation: 'none' } : null;
  const direct = channelwise(layer, kind, a, b, shape, options) ?? elementwise(layer, kind, a, b, options);
  if (direct !== null) return direct;
  const ranked = [a, b].map((operand): Operand => {
    const missing = shape.length - (isConstant(operand) ? operand.shape : shapeOf(operand)).length;
    const ones = Array.from({ length: missing }, () => 1);
    return isConstant(operand)
      ? { ...operand, shape: [...ones, ...operand.shape] }
      : (reshaped(operand, [...ones, ...shapeOf(operand)]) as Value);
  });
  const values = ranked.filter((operand): operand is Value => !isConstant(operand));
  const [leading] = values.toSorted((x, y) => elementCount(shapeOf(y)) - elementCount(shapeOf(x)));
  const dims = network.orderOf(leading as Value);
  const inputs = ranked.map((operand) =>
    isConstant(operand)
      ? network.constant(`${name}/constant`, permuted(operand, dims))
      : network.arrange(operand, dims),
  );
  const turned = dims.map((dim) => shape[dim] as number);
  return arranged(network.emit(kind, inputs, options, { name, shape: turned, ...typed(kind) }), shape, dims);
}

/** One number, or one for each of the value's channels where these lie last: no reshaping needed. */
function channelwise(
  { network, name }: Layer,
  kind: string,
  a: Operand,
  b: Operand,
  shape: readonly number[],
  options: unknown,
): Value | null {
  const value = isConstant(a) ? b : a;
  const constant = isConstant(a) ? a : b;
  if (isConstant(value) || !isConstant(constant) || !sameList(shapeOf(value), shape)) return null;
  const large = constant.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  const [axis] = large;
  const tensorShape = network.tensor(value.tensor).shape;
  if (large.length > 1) return null;
  if (axis !== undefined) {
    const dim = axis + shape.length - constant.shape.length;
    const group = value.groups[dim] ?? [];
    const isLast = sameList(group, value.order.slice(value.order.length - group.length));
    if (!isLast || tensorShape.at(-1) !== shape[dim]) return null;
  }
  const flat = network.constant(`${name}/constant`, { ...constant, shape: [constant.values.length] });
  const inputs = isConstant(a) ? [flat, value.tensor] : [value.tensor, flat];
  return {
    ...value,
    tensor: network.emit(kind, inputs, options, { name, shape: tensorShape, ...typed(kind) }),
  };
}

/** Two values whose tensors have the same elements in the same places. */
function elementwise(
  { network, name }: Layer,
  kind: string,
  a: Operand,
  b: Operand,
  options: unknown,
): Value | null {
  if (isConstant(a) || isConstant(b) || !sameList(shapeOf(a), shapeOf(b))) return null;
  const isSame = sameList(a.order, b.order) && sameList(a.factors, b.factors);
  if (!isSame) return null;
  const { shape } = network.tensor(a.tensor);
  const other = network.inShape(b.tensor, shape);
  return { ...a, tensor: network.emit(kind, [a.tensor, other], options, { name, shape, ...typed(kind) }) };
}

export function resolvedAxis(layer: Layer, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(resolved) && resolved >= 0 && resolved < rank) return resolved;
  throw refused(layer, `axis ${axis} is outside of ${rank} dimensions`, 'Export the model again.');
}

/** MEAN, SUM, REDUCE_MAX, REDUCE_MIN; no axes: all of them. */
export function reduce(layer: Layer, kind: string, x: Value, axes: readonly number[], keeps: boolean): Value {
  const { network, name } = layer;
  const shape = shapeOf(x);
  const all =
    axes.length === 0 ? [...shape.keys()] : axes.map((axis) => resolvedAxis(layer, axis, shape.length));
  const dims = network.orderOf(x);
  const places = [...new Set(all)].map((axis) => dims.indexOf(axis)).sort((a, b) => a - b);
  const [first = [], ...others] = neighbours(
    places,
    dims.map((dim) => shape[dim] as number),
  );
  if (others.length > 0) {
    // Kernels reduce neighbouring dimensions.
    const inner = others.flat().map((place) => dims[place] as number);
    const part = reduce({ ...layer, name: `${name}/inner` }, kind, x, inner, true);
    const outer = reduce(
      { ...layer, name: keeps ? name : `${name}/outer` },
      kind,
      part,
      first.map((place) => dims[place] as number),
      true,
    );
    const left = shape.filter((_, axis) => !all.includes(axis));
    return keeps ? outer : reshape(layer, outer, left);
  }
  const input = network.arrange(x, dims);
  const kept = shape.map((size, axis) => (all.includes(axis) ? 1 : size));
  const left = [...shape.keys()].filter((axis) => !all.includes(axis));
  // The shape that the operator gives: channels last, with or without ones.
  const turned = (keeps ? dims : dims.filter((dim) => !all.includes(dim))).map((dim) => kept[dim] as number);
  const tensor = network.emit(
    kind,
    [input, network.integers(`${name}/axes`, places)],
    { keepDimensions: keeps },
    { name, shape: turned },
  );
  const value = arranged(tensor, kept, dims);
  return keeps
    ? value
    : (reshaped(
        value,
        left.map((axis) => shape[axis] as number),
      ) as Value);
}

/** Places in runs without an element of another dimension between them. */
function neighbours(places: readonly number[], shape: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  let behind = -1;
  for (const place of places) {
    const isNext = elementCount(shape.slice(behind, place)) === 1;
    if (runs.length > 0 && isNext) runs.at(-1)?.push(place);
    else runs.push([place]);
    behind = place + 1;
  }
  return runs;
}

/** An operator that works along the last dimension of its tensor: SOFTMAX, LOG_SOFTMAX. */
export function alongLast(layer: Layer, kind: string, x: Value, axis: number, options: unknown): Value {
  const { network, name } = layer;
  const shape = shapeOf(x);
  const last = resolvedAxis(layer, axis, shape.length);
  const dims = [...network.orderOf(x).filter((dim) => dim !== last), last];
  const input = network.arrange(x, dims);
  const turned = dims.map((dim) => shape[dim] as number);
  return arranged(network.emit(kind, [input], options, { name, shape: turned }), shape, dims);
}

export function concatenation(layer: Layer, operands: readonly Operand[], axis: number): Value {
  const { network, name } = layer;
  const values = operands.map((operand, index) =>
    isConstant(operand) ? network.valueOf(`${name}/constant_${index}`, operand) : operand,
  );
  const leading = operands.findIndex((operand) => !isConstant(operand));
  const first = values[Math.max(0, leading)] as Value;
  const shape = [...shapeOf(first)];
  const along = resolvedAxis(layer, axis, shape.length);
  const dims = network.orderOf(first);
  const isFitting = values.every(
    (value) =>
      value.groups.length === shape.length &&
      shapeOf(value).every((size, dim) => dim === along || size === shape[dim]),
  );
  if (!isFitting) throw refused(layer, 'the shapes to be concatenated do not fit', 'Export the model again.');
  shape[along] = values.reduce((sum, value) => sum + (shapeOf(value)[along] as number), 0);
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  const inputs = values.map((value) => network.arrange(value, dims));
  const turned = dims.map((dim) => shape[dim] as number);
  const tensor = network.emit(
    'CONCATENATION',
    inputs,
    { axis: dims.indexOf(along), activation: 'none' },
    { name, shape: turned },
  );
  return arranged(tensor, shape, dims);
}

/** The same elements in another shape; they move first where the tensor's order does not allow it. */
export function reshape(layer: Layer, x: Value, shape: readonly number[]): Value {
  const count = elementCount(shapeOf(x));
  const isSound = shape.length <= limits.rank && shape.every((size) => Number.isInteger(size) && size >= 1);
  if (!isSound || elementCount(shape) !== count)
    throw refused(
      layer,
      `${count} elements of shape [${shapeOf(x).join(', ')}] cannot take the shape [${shape.join(', ')}]`,
      'Export the model with fixed shapes and a batch of 1.',
    );
  const free = reshaped(x, shape);
  if (free !== null) return free;
  const moved = layer.network.arrange(x, [...x.groups.keys()]);
  return inFileOrder(moved, shape);
}

export function transpose(layer: Layer, x: Value, permutation: readonly number[]): Value {
  const rank = x.groups.length;
  const axes = permutation.map((axis) => resolvedAxis(layer, axis, rank));
  if (axes.length !== rank || new Set(axes).size !== rank)
    throw refused(
      layer,
      `[${permutation.join(', ')}] is no permutation of ${rank} dimensions`,
      'Export the model again.',
    );
  return transposed(x, axes);
}

/** x [..., K] × weights [O, K] + bias [O]; the weights take the order in which x has its elements. */
export function fullyConnected(layer: Layer, x: Value, weights: Constant, bias: Constant | null): Value {
  const { network, name } = layer;
  const shape = shapeOf(x);
  const [outputs = 0, depth = 0] = weights.shape;
  if (weights.shape.length !== 2 || shape.at(-1) !== depth)
    throw refused(
      layer,
      `weights for ${depth} inputs do not fit an input of shape [${shape.join(', ')}]`,
      'Export the model again.',
    );
  if (bias !== null && bias.values.length !== outputs && bias.values.length !== 1)
    throw refused(
      layer,
      `the bias has ${bias.values.length} elements, expected ${outputs}`,
      'Export the model again.',
    );
  const last = shape.length - 1;
  const group = x.groups[last] ?? [];
  const vectors = factorsOf(x, [...shape.keys()].slice(0, last));
  const inside = x.order.slice(vectors.length);
  // Vectors in their order, each one's elements in any.
  const isWhole = sameList(x.order.slice(0, vectors.length), vectors);
  const tensor = isWhole ? x.tensor : network.arrange(x, [...shape.keys()]);
  const columns = isWhole ? columnOrder(x, group, inside) : null;
  const matrix =
    columns === null
      ? weights
      : {
          ...weights,
          values: Float32Array.from({ length: outputs * depth }, (_, at) => {
            const row = Math.floor(at / depth);
            return weights.values[row * depth + (columns[at - row * depth] as number)] as number;
          }),
        };
  const inputs = [tensor, network.constant(`${name}/weights`, matrix)];
  if (bias !== null) {
    const values = Float32Array.from(
      { length: outputs },
      (_, at) => bias.values[bias.values.length === 1 ? 0 : at] as number,
    );
    const whole =
      bias.values.length === outputs ? { ...bias, shape: [outputs] } : floatConstant([outputs], values);
    inputs.push(network.constant(`${name}/bias`, whole));
  }
  const result = [...shape.slice(0, last), outputs];
  const made = network.emit(
    'FULLY_CONNECTED',
    inputs,
    { activation: 'none', weightsFormat: 0 },
    { name, shape: result },
  );
  return inFileOrder(made, result);
}

/** For each element of a vector as the tensor has it, its place in the file's vector; null when they agree. */
function columnOrder(
  x: Value,
  group: readonly number[],
  inside: readonly number[],
): readonly number[] | null {
  if (sameList(group, inside)) return null;
  const sizes = group.map((factor) => x.factors[factor] as number);
  const strides = rowMajorStrides(sizes);
  const shape = inside.map((factor) => x.factors[factor] as number);
  const along = inside.map((factor) => strides[group.indexOf(factor)] as number);
  const count = elementCount(shape);
  return Array.from({ length: count }, (_, at) => {
    let rest = at;
    let column = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      column += (rest % size) * (along[axis] as number);
      rest = Math.floor(rest / size);
    }
    return column;
  });
}

/** Two values, [..., M, K] × [..., K, N]. */
export function batchMatMul(layer: Layer, a: Operand, b: Operand): Value {
  const { network, name } = layer;
  const [left, right] = [a, b].map((operand, index) =>
    isConstant(operand) ? network.valueOf(`${name}/constant_${index}`, operand) : operand,
  ) as [Value, Value];
  const first = shapeOf(left);
  const second = shapeOf(right);
  const batch = broadcastShape(first.slice(0, -2), second.slice(0, -2));
  if (first.length < 2 || second.length < 2 || batch === null || first.at(-1) !== second.at(-2))
    throw refused(
      layer,
      `matrices of shapes [${first.join(', ')}] and [${second.join(', ')}] cannot be multiplied`,
      'Export the model again; vectors need two dimensions.',
    );
  const shape = [...batch, first.at(-2) as number, second.at(-1) as number];
  const inputs = [left, right].map((value) => network.arrange(value, [...value.groups.keys()]));
  const options = { transposeLeft: false, transposeRight: false };
  return inFileOrder(network.emit('BATCH_MATMUL', inputs, options, { name, shape }), shape);
}

/** `edges`: elements before each dimension of the file, then after each. */
export function pad(
  layer: Layer,
  x: Value,
  edges: readonly number[],
  fill: number | 'reflect' | 'symmetric',
): Value {
  const { network, name } = layer;
  const shape = shapeOf(x);
  const rank = shape.length;
  if (edges.length !== 2 * rank || edges.some((edge) => !Number.isInteger(edge) || edge < 0))
    throw refused(
      layer,
      `paddings [${edges.join(', ')}] are not supported for ${rank} dimensions`,
      'Pad by fixed, positive numbers.',
    );
  if (edges.every((edge) => edge === 0)) return x;
  const dims = network.orderOf(x);
  const input = network.arrange(x, dims);
  const pairs = dims.flatMap((dim) => [edges[dim] as number, edges[dim + rank] as number]);
  const paddings = network.integers(`${name}/paddings`, pairs, [rank, 2]);
  const grown = shape.map((size, dim) => size + (edges[dim] as number) + (edges[dim + rank] as number));
  const output = { name, shape: dims.map((dim) => grown[dim] as number) };
  const most = fill === 'reflect' ? -1 : 0;
  if (typeof fill === 'string' && edges.some((edge, at) => edge > (shape[at % rank] as number) + most))
    throw refused(layer, 'the mirrored padding is wider than the tensor', 'Pad less.');
  const tensor =
    typeof fill === 'string'
      ? network.emit('MIRROR_PAD', [input, paddings], { repeatsEdge: fill === 'symmetric' }, output)
      : fill === 0
        ? network.emit('PAD', [input, paddings], null, output)
        : network.emit(
            'PADV2',
            [input, paddings, network.constant(`${name}/value`, floatConstant([1], [fill]))],
            null,
            output,
          );
  return arranged(tensor, grown, dims);
}

/** Elements from, from + step, ... below `to` along one dimension; indices count from the front. */
export interface Cut {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export function slice(layer: Layer, x: Value, cuts: readonly Cut[]): Value {
  const { network, name } = layer;
  const shape = shapeOf(x);
  const of = (axis: number): Cut =>
    cuts.find((cut) => cut.axis === axis) ?? { axis, from: 0, to: shape[axis] as number, step: 1 };
  const size = shape.map((_, axis) => Math.ceil((of(axis).to - of(axis).from) / of(axis).step));
  if (size.some((count) => !(count >= 1)) || cuts.some(({ step }) => !Number.isInteger(step) || step < 1))
    throw refused(
      layer,
      'an empty slice or one with a negative step is not supported',
      'Slice forward, at least one element.',
    );
  if (sameList(size, shape)) return x;
  const dims = network.orderOf(x);
  const input = network.arrange(x, dims);
  const list = (what: string, pick: (cut: Cut) => number) =>
    network.integers(
      `${name}/${what}`,
      dims.map((dim) => pick(of(dim))),
    );
  const output = { name, shape: dims.map((dim) => size[dim] as number) };
  const begin = list('begin', ({ from }) => from);
  if (cuts.every(({ step }) => step === 1)) {
    const sizes = network.integers(`${name}/size`, output.shape);
    return arranged(network.emit('SLICE', [input, begin, sizes], null, output), size, dims);
  }
  const masks = {
    beginMask: 0,
    endMask: 0,
    ellipsisMask: 0,
    newAxisMask: 0,
    shrinkAxisMask: 0,
    offset: false,
  };
  const inputs = [input, begin, list('end', ({ to }) => to), list('strides', ({ step }) => step)];
  return arranged(network.emit('STRIDED_SLICE', inputs, masks, output), size, dims);
}

/** `indices` of rank 0 or 1, constant. */
export function gather(layer: Layer, x: Value, indices: Constant, axis: number): Value {
  const { network, name } = layer;
  const shape = [...shapeOf(x)];
  const along = resolvedAxis(layer, axis, shape.length);
  const extent = shape[along] as number;
  const positions = [...indices.values].map((index) => (index < 0 ? index + extent : index));
  if (indices.shape.length > 1 || positions.some((index) => !(index >= 0 && index < extent)))
    throw refused(
      layer,
      'indices outside of the tensor, or in more than one dimension, are not supported',
      'Export the model again.',
    );
  const dims = network.orderOf(x);
  const input = network.arrange(x, dims);
  shape[along] = positions.length;
  const inputs = [input, network.integers(`${name}/indices`, positions)];
  const options = { axis: dims.indexOf(along), batchDimensions: 0 };
  const turned = dims.map((dim) => shape[dim] as number);
  const value = arranged(network.emit('GATHER', inputs, options, { name, shape: turned }), shape, dims);
  if (indices.shape.length === 1) return value;
  return reshaped(
    value,
    shape.filter((_, dim) => dim !== along),
  ) as Value;
}

/** Highest (or lowest) element's position along one dimension, as int32. */
export function argument(
  layer: Layer,
  kind: 'ARG_MAX' | 'ARG_MIN',
  x: Value,
  axis: number,
  keeps: boolean,
): Value {
  const { network, name } = layer;
  const shape = shapeOf(x);
  const along = resolvedAxis(layer, axis, shape.length);
  const dims = network.orderOf(x);
  const input = network.arrange(x, dims);
  const kept = shape.map((size, dim) => (dim === along ? 1 : size));
  const left = dims.filter((dim) => dim !== along).map((dim) => shape[dim] as number);
  const place = network.integers(`${name}/axis`, [dims.indexOf(along)]);
  const type: ElementType = 'int32';
  const value = arranged(network.emit(kind, [input, place], null, { name, shape: left, type }), kept, dims);
  return keeps
    ? value
    : (reshaped(
        value,
        shape.filter((_, dim) => dim !== along),
      ) as Value);
}

/** [N, C, H, W] enlarged or shrunk to another height and width. */
export function resize(
  layer: Layer,
  kind: 'RESIZE_BILINEAR' | 'RESIZE_NEAREST_NEIGHBOR',
  x: Value,
  [height, width]: readonly [number, number],
  options: { readonly alignCorners: boolean; readonly halfPixelCenters: boolean },
): Value {
  const { network, name } = layer;
  const [batch = 1, channels = 1, ...spatial] = shapeOf(x);
  if (spatial.length !== 2 || ![height, width].every((size) => Number.isInteger(size) && size >= 1))
    throw refused(
      layer,
      'only height and width of [N, C, H, W] can be resized',
      'Resize two spatial dimensions.',
    );
  const dims = channelsLast(4);
  const inputs = [network.arrange(x, dims), network.integers(`${name}/size`, [height, width])];
  const tensor = network.emit(kind, inputs, options, { name, shape: [batch, height, width, channels] });
  return arranged(tensor, [batch, channels, height, width], dims);
}
