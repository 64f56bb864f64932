import type { OperatorForm } from '../arithmetic.ts';

/** Operators with int16 activations and int8 weights, by TFLite name. */
export const int16x8Forms: ReadonlyMap<string, OperatorForm> = new Map([]);
