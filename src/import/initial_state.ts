import { bytesPerElement, type ElementType, elementCount, type Quantization } from '../graph/graph.ts';
import { limits } from '../graph/validate.ts';

/** Bytes of state that may still be made: a small hostile file names large tensors. */
export interface StateAllowance {
  bytes: number;
}

export function stateAllowance(): StateAllowance {
  return { bytes: limits.computedBytes };
}

/**
 * What a variable tensor holds at reset, as TensorFlow Lite Micro fills it: every byte is the zero point of an int8
 * tensor, 0 in any other. Empty where it is more than any graph may hold, which validateGraph refuses.
 */
export function initialStateOf(
  type: ElementType,
  shape: readonly number[],
  quantization: Quantization | null,
  allowance: StateAllowance,
): Uint8Array {
  const bytes = elementCount(shape) * bytesPerElement[type];
  allowance.bytes -= bytes;
  if (allowance.bytes < 0) return new Uint8Array();
  return new Uint8Array(bytes).fill(type === 'int8' ? (quantization?.zeroPoints[0] ?? 0) : 0);
}
