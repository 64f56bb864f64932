import { printable } from '../errors.ts';
import { elementCount } from '../graph/graph.ts';
import { arranged, shapeOf, type Value } from './arrangement.ts';

import { named } from './composed_layers.ts';
import {
  broadcastTo,
  type Constant,
  floatConstant,
  integerConstant,
  mostElements,
  rowMajorStrides,
} from './constant.ts';
import { binary, type Cut, gather, isConstant, pad, reshape, resolvedAxis, slice } from './element_layers.ts';
import { refused } from './network.ts';
import { attributeInteger, attributeIntegers, attributeText } from './onnx_file.ts';
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
import { paddedByOwn, repeatedTo, taken, takenFlat, tiled } from './taken_elements.ts';

/** ONNX operators that only move elements to places that are known beforehand. */

/** numpy's broadcast shape of an operand and a list of sizes. */
const expand: Import = (operator) => {
  const x = operand(operator, 0);
  const asked = list(operator, 1, 'shape') ?? [];
  const from = shapeOfOperand(x);
  const rank = Math.max(from.length, asked.length);
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(from[axis - rank + from.length] ?? 1, asked[axis - rank + asked.length] ?? 1),
  );
  const isFitting = from.every((size, axis) => size === 1 || size === shape[axis + rank - from.length]);
  if (!isFitting || !(elementCount(shape) <= mostElements))
    throw refused(
      operator,
      `the shape [${from.join(', ')}] does not broadcast to [${asked.join(', ')}]`,
      'Export the model again.',
    );
  return isConstant(x) ? broadcastTo(x, shape) : repeatedTo(operator, x, shape);
};

const tile: Import = (operator) => tiled(operator, value(operator, 0), list(operator, 1, 'repeats') ?? []);

const padModes = new Set(['edge', 'wrap']);

const padNode: Import = (operator) => {
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
  if (mode === 'reflect') {
    const shape = shapeOf(x);
    const isWide = edges.some((edge, at) => edge > (shape[at % rank] as number) - 1);
    return isWide ? paddedByOwn(operator, x, edges, 'reflect') : pad(operator, x, edges, 'reflect');
  }
  if (padModes.has(mode)) return paddedByOwn(operator, x, edges, mode === 'edge' ? 'edge' : 'wrap');
  if (mode !== 'constant')
    throw refused(
      operator,
      `padding of mode ${printable(mode, 40)} is not supported`,
      'Pad with a constant, or by edge, reflect or wrap.',
    );
  const fill = optionalConstant(operator, 2, 'the padding value')?.values[0] ?? 0;
  return pad(operator, x, edges, fill);
};

const blocksFit = (block: number, sizes: readonly number[]): boolean =>
  Number.isInteger(block) && block >= 1 && sizes.every((size) => size % block === 0);

/** The order of TFLite's SPACE_TO_DEPTH. */
const spaceToDepth: Import = (operator) => {
  const x = value(operator, 0);
  const [batch = 1, channels = 1, height = 1, width = 1] = shapeOf(x);
  const block = attributeInteger(operator.node, 'blocksize', 0);
  if (shapeOf(x).length !== 4 || !blocksFit(block, [height, width]))
    throw refused(operator, `blocks of ${block} do not divide the image`, 'Export the model again.');
  const { network, name } = operator;
  const shape = [batch, channels * block * block, height / block, width / block];
  const dims = [0, 2, 3, 1];
  const tensor = network.emit(
    'SPACE_TO_DEPTH',
    [network.arrange(x, dims)],
    { block },
    { name, shape: dims.map((dim) => shape[dim] as number) },
  );
  return arranged(tensor, shape, dims);
};

/** Elements of x at positions along one axis, another position for each element. */
const gatherElements: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const indices = constant(operator, 1, 'the indices');
  const axis = resolvedAxis(operator, attributeInteger(operator.node, 'axis', 0), shape.length);
  const strides = rowMajorStrides(shape);
  const own = rowMajorStrides(indices.shape);
  if (indices.shape.length !== shape.length)
    throw refused(operator, 'its indices do not fit the input', 'Export the model again.');
  const places = [...indices.values].map((index, at) =>
    strides.reduce((place, stride, dim) => {
      const here = Math.floor(at / (own[dim] as number)) % (indices.shape[dim] as number);
      return place + stride * (dim === axis ? fromFront(operator, index, shape[axis] as number) : here);
    }, 0),
  );
  return takenFlat(operator, x, places, indices.shape);
};

function fromFront(operator: OnnxOperator, index: number, extent: number): number {
  const position = index < 0 ? index + extent : index;
  if (position >= 0 && position < extent) return position;
  throw refused(operator, `the index ${index} is outside of ${extent} elements`, 'Export the model again.');
}

/** Slices of x at the positions that the last dimension of the indices holds. */
const gatherNd: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const indices = constant(operator, 1, 'the indices');
  const batches = attributeInteger(operator.node, 'batch_dims', 0);
  const depth = indices.shape.at(-1) ?? 0;
  const strides = rowMajorStrides(shape);
  const inner = shape.slice(batches + depth);
  const perBatch = elementCount(indices.shape.slice(batches, -1));
  if (batches + depth > shape.length || depth < 1 || batches < 0)
    throw refused(operator, 'its indices do not fit the input', 'Export the model again.');
  const count = indices.values.length / depth;
  const innerCount = elementCount(inner);
  if (count * innerCount > mostElements)
    throw refused(operator, 'it gives too many elements', 'Export the model again.');
  const places: number[] = [];
  for (let at = 0; at < count; at++) {
    let start = Math.floor(at / perBatch) * elementCount(shape.slice(batches));
    for (let dim = 0; dim < depth; dim++) {
      const index = fromFront(
        operator,
        indices.values[at * depth + dim] as number,
        shape[batches + dim] as number,
      );
      start += index * (strides[batches + dim] as number);
    }
    for (let k = 0; k < innerCount; k++) places.push(start + k);
  }
  return takenFlat(operator, x, places, [...indices.shape.slice(0, -1), ...inner]);
};

/** Elements along an axis where the condition holds. */
const compress: Import = (operator) => {
  const x = value(operator, 0);
  const condition = constant(operator, 1, 'the condition');
  const positions = [...condition.values].flatMap((each, at) => (each === 0 ? [] : [at]));
  const { node } = operator;
  const isFlat = !node.attributes.has('axis');
  if (positions.length === 0)
    throw refused(operator, 'its condition holds nowhere', 'Remove the empty part from the model.');
  if (isFlat) return takenFlat(operator, x, positions, [positions.length]);
  const axis = resolvedAxis(operator, attributeInteger(node, 'axis', 0), shapeOf(x).length);
  return taken(operator, x, axis, positions);
};

/** The lower or upper triangle of matrices; zeros elsewhere. */
const trilu: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const [rows = 1, columns = 1] = shape.slice(-2);
  const diagonal = optionalConstant(operator, 1, 'the diagonal')?.values[0] ?? 0;
  const isUpper = attributeInteger(operator.node, 'upper', 1) !== 0;
  const mask = Float32Array.from({ length: rows * columns }, (_, at) => {
    const distance = (at % columns) - Math.floor(at / columns);
    return Number(isUpper ? distance >= diagonal : distance <= diagonal);
  });
  return binary(operator, 'MUL', x, floatConstant([rows, columns], mask));
};

/** The middle of the value, cut or padded with zeros to a shape. */
const centerCropPad: Import = (operator) => {
  const x = value(operator, 0);
  const shape = shapeOf(x);
  const asked = list(operator, 1, 'shape') ?? [];
  const axes = (attributeIntegers(operator.node, 'axes') ?? [...shape.keys()]).map((axis) =>
    resolvedAxis(operator, axis, shape.length),
  );
  const wanted = shape.map((size, axis) =>
    axes.includes(axis) ? (asked[axes.indexOf(axis)] ?? size) : size,
  );
  const cuts = shape.flatMap((size, axis): Cut[] => {
    const less = size - (wanted[axis] as number);
    const from = Math.floor(less / 2);
    return less > 0 ? [{ axis, from, to: from + (wanted[axis] as number), step: 1 }] : [];
  });
  const more = shape.map((size, axis) => Math.max(0, (wanted[axis] as number) - size));
  const before = more.map((count) => Math.floor(count / 2));
  const after = more.map((count, axis) => count - (before[axis] as number));
  return pad(operator, slice(named(operator, 'crop'), x, cuts), [...before, ...after], 0);
};

/** Constant indices of any rank. */
const gatherNode: Import = (operator) => {
  const x = operand(operator, 0);
  const indices = constant(operator, 1, 'the indices');
  const axis = attributeInteger(operator.node, 'axis', 0);
  if (isConstant(x)) return gatheredConstant(operator, x, indices, axis);
  if (indices.shape.length < 2) return gather(operator, x, indices, axis);
  const shape = shapeOf(x);
  const at = resolvedAxis(operator, axis, shape.length);
  const flat = gather(
    named(operator, 'flat'),
    x,
    integerConstant([indices.values.length], indices.values),
    at,
  );
  return reshape(operator, flat, [...shape.slice(0, at), ...indices.shape, ...shape.slice(at + 1)]);
};

function gatheredConstant(operator: OnnxOperator, x: Constant, indices: Constant, axis: number): Constant {
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
  return x.is === 'float' ? floatConstant(shape, values) : integerConstant(shape, values);
}

/** One dimension read from its end or with steps backwards: positions taken. */
export function takenBackwards(operator: OnnxOperator, x: Value, cut: Cut): Value {
  const count = Math.max(0, Math.ceil((cut.to - cut.from) / cut.step));
  const positions = Array.from({ length: count }, (_, at) => cut.from + at * cut.step);
  if (positions.length === 0)
    throw refused(operator, 'an empty slice is not supported', 'Slice at least one element.');
  return taken(operator, x, cut.axis, positions);
}

export const onnxMoves: readonly (readonly [string, Import])[] = [
  ['CenterCropPad', centerCropPad],
  ['Compress', compress],
  ['Expand', expand],
  ['Gather', gatherNode],
  ['GatherElements', gatherElements],
  ['GatherND', gatherNd],
  ['Pad', padNode],
  ['SpaceToDepth', spaceToDepth],
  ['Tile', tile],
  ['Trilu', trilu],
];
