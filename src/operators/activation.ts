import type { Tensor } from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from './fixed_point.ts';
import { type Node, type OptionsReader, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';

/** ActivationFunctionType of the TFLite schema, fused into an operator's output. */
export type Activation = 'none' | 'relu' | 'relu_n1_to_1' | 'relu6' | 'other';

export function readActivation(options: OptionsReader, field: number): Activation {
  const names: readonly Activation[] = ['none', 'relu', 'relu_n1_to_1', 'relu6'];
  return names[options.int8(field)] ?? 'other';
}

export interface ActivationRange {
  /** Inclusive, quantized. */
  readonly min: number;
  readonly max: number;
}

/** Limits of the output, int8 or int16, after the fused activation (TFLite's CalculateActivationRangeQuantized). */
export function activationRange(node: Node, activation: Activation, output: Tensor): ActivationRange {
  const scale = scaleOf(node, output);
  const zeroPoint = zeroPointOf(node, output);
  const [lowest, highest] = output.type === 'int16' ? [-32768, 32767] : [-128, 127];
  // The real bound divided in float32, as the reference does.
  const quantized = (real: number) =>
    clamp(zeroPoint + roundAwayFromZero(Math.fround(real / scale)), lowest, highest);
  switch (activation) {
    case 'none':
      return { min: lowest, max: highest };
    case 'relu':
      return { min: quantized(0), max: highest };
    case 'relu6':
      return { min: quantized(0), max: quantized(6) };
    case 'relu_n1_to_1':
      return { min: quantized(-1), max: quantized(1) };
    case 'other':
      throw unsupported(
        node,
        'the fused activation is not supported (supported: none, RELU, RELU6, RELU_N1_TO_1)',
        null,
        'Use the activation as a layer of its own, or one of these.',
      );
  }
}

/** Whether every negative value ends at the zero point, the lowest output: ReLU and its kin. */
export function isRectified(node: Node, range: ActivationRange): boolean {
  return range.min === zeroPointOf(node, outputOf(node));
}
