import type { OperatorForm } from '../arithmetic.ts';

/** Operators with float32 activations and int8 weights, by TFLite name. */
export const hybridForms: ReadonlyMap<string, OperatorForm> = new Map([]);
