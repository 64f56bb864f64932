import type { OperatorForm } from '../arithmetic.ts';
import { averagesOnce } from './averages.ts';
import { elementwiseOnce } from './elementwise.ts';
import { quantizeOnce } from './quantize.ts';
import { softmaxOnce } from './softmax.ts';

/** Operators on int8 in graphs that round once (quantized ONNX), by TFLite name, where more differs than a multiplier. */
export const onceForms: ReadonlyMap<string, OperatorForm> = new Map([
  ...elementwiseOnce,
  ...averagesOnce,
  softmaxOnce,
  quantizeOnce,
]);
