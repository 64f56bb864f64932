import { DeployError } from '../errors.ts';
import {
  elementCount,
  type Graph,
  type Operator,
  type Tensor,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import type { Conv2dOptions } from '../operators/conv_2d.ts';
import { type Node, nodeOf } from '../operators/operator.ts';
import type { PoolOptions } from '../operators/pooling.ts';
import type { ReduceOptions } from '../operators/reduction.ts';

type Shape = readonly number[];

/**
 * The shape of an operator's output for these input shapes; null: it cannot be told. `signature`: the output's shape as
 * the file has it, −1 where it is dynamic. Operators check themselves afterwards, so that a wrong answer is refused.
 */
type ShapeRule = (node: Node, shapes: readonly Shape[], signature: Shape) => Shape | null;

/**
 * A .tflite graph with inputs of other sizes than those with which it was converted: every shape is computed again.
 * Throws the DeployError of the first operator whose output cannot be told from its inputs.
 */
export function withInputShapes(
  graph: Graph,
  inputs: ReadonlyMap<number, Shape>,
  signatureOf: (tensor: number) => Shape,
): Graph {
  const shapes = new Map(inputs);
  const shapeOf = (index: number): Shape => shapes.get(index) ?? tensorAt(graph, index).shape;
  for (const operator of graph.operators) {
    if (!operator.inputs.some((index) => shapes.has(index))) continue;
    const given = operator.inputs.map((index) => (index < 0 ? [] : shapeOf(index)));
    const [output = -1, ...others] = operator.outputs;
    const rule = Object.hasOwn(rules, operator.kind) ? rules[operator.kind] : undefined;
    const shape =
      others.length > 0 ? null : (rule?.(nodeOf(graph, operator), given, signatureOf(output)) ?? null);
    if (shape === null || shape.some((size) => !Number.isInteger(size) || size < 1))
      throw untold(graph, operator);
    // What only the sizes of a shape depend on, such as SHAPE itself, stays as it is.
    if (shape.join() !== shapeOf(output).join()) shapes.set(output, shape);
  }
  const tensors = graph.tensors.map((tensor) => ({ ...tensor, shape: shapeOf(tensor.index) }));
  return { ...graph, tensors };
}

function untold(graph: Graph, { kind, index }: Operator): DeployError {
  return new DeployError(
    'input',
    'the shape that it gives for the sizes in tinyml.yml cannot be told.',
    { file: graph.source.file, operator: `${kind} #${index}` },
    'Convert the model with fixed input shapes, such as `model.input_shape` without None.',
  );
}

const likeFirst: ShapeRule = (_, [first]) => first ?? null;

const broadcast: ShapeRule = (_, [a = [], b = []]) => {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number) => shape[axis - (rank - shape.length)] ?? 1;
  const shape = Array.from({ length: rank }, (_size, axis) => Math.max(at(a, axis), at(b, axis)));
  const fits = shape.every((size, axis) =>
    [at(a, axis), at(b, axis)].every((each) => each === 1 || each === size),
  );
  return fits ? shape : null;
};

/** The same elements in another shape: the file's own, where the one size that it leaves open takes what there is. */
const sameElements: ShapeRule = ({ outputs }, [first = []], signature) => {
  const count = elementCount(first);
  const known = signature.length > 0 ? signature : (outputs[0]?.shape ?? []);
  const dynamic = known.filter((size) => size < 0).length;
  // With a second open size the first is the batch.
  const open =
    dynamic === 2 && first[0] === 1 ? known.map((size, axis) => (axis === 0 && size < 0 ? 1 : size)) : known;
  const rest = open.reduce((product, size) => (size < 0 ? product : product * size), 1);
  const shape = open.map((size) => (size < 0 ? count / rest : size));
  return elementCount(shape) === count ? shape : null;
};

const convolution: ShapeRule = (node, [input = [], filter = []]) => {
  const options = node.options as Conv2dOptions;
  const isDepthwise = node.operator.kind === 'DEPTHWISE_CONV_2D';
  const channels = isDepthwise ? filter[3] : filter[0];
  return windows(
    options,
    input,
    [filter[1] ?? 0, filter[2] ?? 0],
    [options.dilationHeight, options.dilationWidth],
    channels,
  );
};

const pool: ShapeRule = (node, [input = []]) => {
  const options = node.options as PoolOptions;
  return windows(options, input, [options.filterHeight, options.filterWidth], [1, 1], input[3]);
};

function windows(
  { padding, strideHeight, strideWidth }: Pick<Conv2dOptions, 'padding' | 'strideHeight' | 'strideWidth'>,
  input: Shape,
  filter: readonly [number, number],
  dilation: readonly [number, number],
  channels: number | undefined,
): Shape | null {
  if (input.length !== 4 || channels === undefined) return null;
  const along = (axis: 0 | 1, stride: number): number => {
    const size = input[axis + 1] as number;
    const spanned = padding === 'same' ? size : size - (filter[axis] - 1) * dilation[axis];
    return Math.ceil(spanned / stride);
  };
  return [input[0] as number, along(0, strideHeight), along(1, strideWidth), channels];
}

const dense: ShapeRule = ({ outputs }, [input = [], filter = []]) => {
  const [units = 0, depth = 0] = filter;
  const keepsRank = outputs[0]?.shape.length === input.length;
  return keepsRank ? [...input.slice(0, -1), units] : [elementCount(input) / depth, units];
};

const reduction: ShapeRule = (node, [input = []]) => {
  const axes = integers(node.inputs[1])?.map((axis) => (axis < 0 ? axis + input.length : axis));
  if (axes === undefined) return null;
  return (node.options as ReduceOptions).keepDimensions
    ? input.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : input.filter((_, axis) => !axes.includes(axis));
};

const padding: ShapeRule = (node, [input = []]) => {
  const amounts = integers(node.inputs[1]);
  return amounts === undefined || amounts.length !== 2 * input.length
    ? null
    : input.map((size, axis) => size + (amounts[2 * axis] as number) + (amounts[2 * axis + 1] as number));
};

const transposition: ShapeRule = (node, [input = []]) =>
  integers(node.inputs[1])?.map((axis) => input[axis] ?? 0) ?? null;

const concatenation: ShapeRule = (node, shapes) => {
  const [first = []] = shapes;
  const given = (node.options as { readonly axis: number }).axis;
  const axis = given < 0 ? given + first.length : given;
  const total = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  return first.map((size, at) => (at === axis ? total : size));
};

const insertion: ShapeRule = (node, [input = []]) => {
  const [given] = integers(node.inputs[1]) ?? [];
  if (given === undefined) return null;
  const axis = given < 0 ? given + input.length + 1 : given;
  return [...input.slice(0, axis), 1, ...input.slice(axis)];
};

const unary =
  'ABS CAST DEQUANTIZE HARD_SWISH L2_NORMALIZATION LEAKY_RELU LOGISTIC LOG_SOFTMAX NEG PRELU QUANTIZE RELU RELU6 RSQRT SOFTMAX TABLE TANH';
const binary = 'ADD DIV MAXIMUM MINIMUM MUL SQUARED_DIFFERENCE SUB';
const reducing = 'MEAN REDUCE_MAX REDUCE_MIN SUM';

const all = (kinds: string, rule: ShapeRule): Readonly<Record<string, ShapeRule>> =>
  Object.fromEntries(kinds.split(' ').map((kind) => [kind, rule]));

const rules: Readonly<Record<string, ShapeRule>> = {
  ...all(unary, likeFirst),
  ...all(binary, broadcast),
  ...all(reducing, reduction),
  ...all('CONV_2D DEPTHWISE_CONV_2D', convolution),
  ...all('AVERAGE_POOL_2D MAX_POOL_2D', pool),
  ...all('RESHAPE SQUEEZE', sameElements),
  ...all('PAD PADV2', padding),
  FULLY_CONNECTED: dense,
  TRANSPOSE: transposition,
  CONCATENATION: concatenation,
  EXPAND_DIMS: insertion,
  SHAPE: (_, [input = []]) => [input.length],
};

function integers(tensor: Tensor | null | undefined): readonly number[] | undefined {
  if (tensor == null || tensor.data === null || tensor.type !== 'int32') return undefined;
  return Array.from(typedArray('int32', tensor.data), Number);
}
