import type { OperatorForm } from '../arithmetic.ts';
import { arithmeticInt32 } from './arithmetic.ts';

/** Operators that compute with plain integers of 32 bits, by TFLite name. */
export const int32Forms: ReadonlyMap<string, OperatorForm> = new Map(arithmeticInt32);
