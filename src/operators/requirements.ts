import type { DeployError } from '../errors.ts';
import { type ElementType, elementCount, type Tensor, typedArray } from '../graph/graph.ts';
import { inputOf, type Node, outputOf, unsupported } from './operator.ts';
import { quantizationOf, scaleOf } from './quantization.ts';

/** What operators demand of their tensors. Each function throws the DeployError that names operator and tensor. */

const damaged = 'Export the model again: the file is not a valid TFLite model.';

/** The hint for a tensor type that no operator computes yet. */
export function hintForType(type: ElementType): string {
  switch (type) {
    case 'float32':
      return 'Quantize the model to int8 (full integer quantization with a representative data set).';
    case 'int16':
      return 'Quantize with int8 activations (TFLITE_BUILTINS_INT8) instead of 16x8.';
    case 'uint8':
      return 'Convert again with int8 as inference type; uint8 models come from TensorFlow 1.';
    default:
      return 'Keep this computation out of the model, or move it before or behind it.';
  }
}

export function requireCounts(node: Node, inputs: readonly [number, number], outputs: number): void {
  const [least, most] = inputs;
  const count = node.inputs.length;
  if (count < least || count > most)
    throw unsupported(
      node,
      `it has ${count} inputs, expected ${least === most ? least : `${least} to ${most}`}`,
      null,
      damaged,
    );
  if (node.outputs.length !== outputs)
    throw unsupported(node, `it has ${node.outputs.length} outputs, expected ${outputs}`, null, damaged);
}

export function requireType(node: Node, tensor: Tensor, supported: readonly ElementType[]): void {
  if (supported.includes(tensor.type)) return;
  throw unsupported(
    node,
    `type ${tensor.type} is not supported here (supported: ${supported.join(', ')})`,
    tensor,
    hintForType(tensor.type),
  );
}

/** int8 with one scale and one zero point. */
export function requireInt8(node: Node, tensor: Tensor): void {
  requireType(node, tensor, ['int8']);
  scaleOf(node, tensor);
}

/** int8 weights, constant, symmetric: zero points 0, one scale or one for each of `channels` along `axis`. */
export function requireWeights(node: Node, weights: Tensor, axis: number): void {
  requireType(node, weights, ['int8']);
  if (weights.data === null)
    throw unsupported(
      node,
      'the weights are not constant',
      weights,
      'Freeze the weights before converting the model.',
    );
  const quantization = quantizationOf(node, weights);
  if (quantization.zeroPoints.some((zeroPoint) => zeroPoint !== 0))
    throw unsupported(
      node,
      'the weights have a zero point other than 0',
      weights,
      'Quantize the weights symmetrically, as the TFLite int8 specification demands.',
    );
  const { scales } = quantization;
  if (scales.length > 1 && (quantization.axis !== axis || scales.length !== weights.shape[axis]))
    throw unsupported(
      node,
      `the weights have ${scales.length} scales along dimension ${quantization.axis}, expected one, or ${weights.shape[axis]} along dimension ${axis}`,
      weights,
      damaged,
    );
}

/** int32 and constant with one element per channel, or absent. */
export function requireBias(node: Node, position: number, channels: number): void {
  const bias = node.inputs[position];
  if (bias === undefined || bias === null) return;
  requireType(node, bias, ['int32']);
  if (bias.data === null)
    throw unsupported(
      node,
      'the bias is not constant',
      bias,
      'Freeze the weights before converting the model.',
    );
  if (elementCount(bias.shape) !== channels)
    throw unsupported(
      node,
      `the bias has ${elementCount(bias.shape)} elements, expected ${channels}`,
      bias,
      damaged,
    );
}

export function requireRank(node: Node, tensor: Tensor, least: number, most = least): void {
  const rank = tensor.shape.length;
  if (rank >= least && rank <= most) return;
  throw unsupported(
    node,
    `rank ${rank} is not supported (supported: ${least === most ? least : `${least} to ${most}`})`,
    tensor,
    'Reshape the tensor in the model.',
  );
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, index) => dimension === b[index]);
}

/** The shape that the operator gives its output must be the one that the file declares. */
export function requireShape(node: Node, tensor: Tensor, expected: readonly number[]): void {
  if (sameShape(tensor.shape, expected)) return;
  throw unsupported(
    node,
    `the shape is [${tensor.shape.join(', ')}], expected [${expected.join(', ')}]`,
    tensor,
    damaged,
  );
}

export function requireSameElements(node: Node, input: Tensor, output: Tensor): void {
  if (elementCount(input.shape) === elementCount(output.shape)) return;
  throw unsupported(
    node,
    `the output has ${elementCount(output.shape)} elements, the input ${elementCount(input.shape)}`,
    output,
    damaged,
  );
}

/** Operations of one layer: ten seconds of a Cortex-M7, and of our interpreter. Keeps a hostile model from computing for days. */
const mostWork = 2 ** 32;

/** `perOutput`: multiply-accumulates (or comparisons) for one output element. */
export function requireWork(node: Node, perOutput: number): void {
  const work = elementCount(outputOf(node).shape) * perOutput;
  if (work <= mostWork) return;
  throw unsupported(
    node,
    `the layer takes ${work} multiply-accumulates, more than the ${mostWork} that are allowed`,
    outputOf(node),
    'No network for a microcontroller is that large.',
  );
}

/** For operators that move values without computing: the numbers must mean the same on both sides. */
export function requireSameQuantization(node: Node, input: Tensor, output: Tensor): void {
  if (input.type !== output.type)
    throw unsupported(
      node,
      `input type ${input.type} and output type ${output.type} differ`,
      output,
      damaged,
    );
  const isInteger = input.type === 'int8' || input.type === 'uint8' || input.type === 'int16';
  // Plain integers (indices, counters) have no scale; int8 always has.
  if (!isInteger || (input.type !== 'int8' && input.quantization === null && output.quantization === null))
    return;
  const from = quantizationOf(node, input);
  const to = quantizationOf(node, output);
  if (from.scales[0] === to.scales[0] && from.zeroPoints[0] === to.zeroPoints[0]) return;
  throw unsupported(
    node,
    'input and output are quantized differently',
    output,
    'Quantize again with a current TFLite converter, which gives both the same scale.',
  );
}

/** The elements of a constant int32 or int64 input (a shape, axes, paddings). */
export function constantIntegers(node: Node, position: number): readonly number[] {
  const tensor = inputOf(node, position);
  requireType(node, tensor, ['int32', 'int64']);
  if (tensor.data === null)
    throw unsupported(
      node,
      'the value is computed at run time, but shapes, axes and indices must be constants',
      tensor,
      'Export the model with fixed shapes.',
    );
  return Array.from(typedArray(tensor.type, tensor.data) as Int32Array | BigInt64Array, Number);
}

/** Axes counted from the front, without duplicates, in ascending order. */
export function resolveAxes(node: Node, axes: readonly number[], rank: number): readonly number[] {
  const resolved = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  if (resolved.some((axis) => axis < 0 || axis >= rank))
    throw unsupported(node, `axis ${axes.join(', ')} is outside rank ${rank}`, null, damaged);
  return [...new Set(resolved)].sort((a, b) => a - b);
}

export function resolveAxis(node: Node, axis: number, rank: number): number {
  return resolveAxes(node, [axis], rank)[0] as number;
}

/** int8 in, int8 out, one of each, equal element counts: what element-wise activations demand. */
export function requireUnaryInt8(node: Node): void {
  requireCounts(node, [1, 1], 1);
  requireInt8(node, inputOf(node, 0));
  requireInt8(node, outputOf(node));
  requireSameElements(node, inputOf(node, 0), outputOf(node));
}

/** A value in the options or constants that makes no sense. */
export function invalid(node: Node, what: string, tensor: Tensor | null = null): DeployError {
  return unsupported(node, what, tensor, damaged);
}

export function withoutAxis(shape: readonly number[], axis: number): readonly number[] {
  return shape.filter((_, at) => at !== axis);
}
