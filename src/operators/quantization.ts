import type { Quantization, Tensor } from '../graph/graph.ts';
import { type FixedPointMultiplier, multiplierOnce, quantizeMultiplier } from './fixed_point.ts';
import { type Node, unsupported } from './operator.ts';
import { productScale } from './single_rounding.ts';

/** The quantization that an integer tensor must have. */
export function quantizationOf(node: Node, tensor: Tensor): Quantization {
  if (tensor.quantization === null || tensor.quantization.scales.length === 0) {
    throw unsupported(
      node,
      `the ${tensor.type} tensor has no quantization (scale and zero point)`,
      tensor,
      'Export the model with full integer quantization (representative data set).',
    );
  }
  return tensor.quantization;
}

/** The one scale of a per-tensor quantized tensor, a float32 value. */
export function scaleOf(node: Node, tensor: Tensor): number {
  const { scales } = quantizationOf(node, tensor);
  const scale = scales[0];
  if (scale === undefined || scales.length !== 1) {
    throw unsupported(
      node,
      `the tensor has ${scales.length} scales where one is supported`,
      tensor,
      'Only weights may be quantized per channel.',
    );
  }
  return scale;
}

export function zeroPointOf(node: Node, tensor: Tensor): number {
  return quantizationOf(node, tensor).zeroPoints[0] ?? 0;
}

/**
 * input scale × weight scale ÷ output scale for each output channel, in double precision from float32 scales
 * (TFLite's PopulateConvolutionQuantizationParams; FULLY_CONNECTED per channel uses it too). In float32 for a graph that
 * rounds once.
 */
export function channelMultipliers(
  node: Node,
  input: Tensor,
  weights: Tensor,
  output: Tensor,
  channels: number,
): readonly FixedPointMultiplier[] {
  const inputScale = scaleOf(node, input);
  const outputScale = scaleOf(node, output);
  const { scales } = quantizationOf(node, weights);
  return Array.from({ length: channels }, (_, channel) => {
    const weightScale = scales[scales.length === 1 ? 0 : channel] as number;
    return node.rounding === 'single'
      ? multiplierOnce(productScale(inputScale, weightScale, outputScale))
      : quantizeMultiplier((inputScale * weightScale) / outputScale);
  });
}
