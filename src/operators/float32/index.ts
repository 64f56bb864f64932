import type { OperatorForm } from '../arithmetic.ts';

/** Operators with float32 activations and weights, by TFLite name. */
export const float32Forms: ReadonlyMap<string, OperatorForm> = new Map([]);
