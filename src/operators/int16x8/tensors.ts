import type { Tensor } from '../../graph/graph.ts';
import { clamp } from '../fixed_point.ts';
import { inputOf, type Node, outputOf, unsupported } from '../operator.ts';
import { scaleOf, zeroPointOf } from '../quantization.ts';
import { requireCounts, requireSameElements, requireType } from '../requirements.ts';

/** What int16 activations are: one scale, symmetric around zero. */

export const int16Min = -32768;
export const int16Max = 32767;

/** An int32 brought to int16 range. */
export function toInt16(x: number): number {
  return clamp(x, int16Min, int16Max);
}

/** int16 with one scale and the zero point 0. */
export function requireInt16(node: Node, tensor: Tensor): void {
  requireType(node, tensor, ['int16']);
  scaleOf(node, tensor);
  if (zeroPointOf(node, tensor) !== 0)
    throw unsupported(
      node,
      'the int16 tensor has a zero point other than 0',
      tensor,
      'Quantize int16 activations symmetrically, as the TFLite 16x8 specification demands.',
    );
}

/** int16 in, int16 out, one of each, equal element counts. */
export function requireUnaryInt16(node: Node): void {
  requireCounts(node, [1, 1], 1);
  requireInt16(node, inputOf(node, 0));
  requireInt16(node, outputOf(node));
  requireSameElements(node, inputOf(node, 0), outputOf(node));
}

/** Two int16 inputs, one int16 output. */
export function requireBinaryInt16(node: Node): void {
  requireCounts(node, [2, 2], 1);
  for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt16(node, tensor);
}
