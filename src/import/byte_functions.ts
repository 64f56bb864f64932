import { floatOperators } from '../float/index.ts';
import { elementCount, type Operator, type Quantization, type Tensor, typedArray } from '../graph/graph.ts';
import { realFunctions } from '../operators/real_functions.ts';
import { dequantizeOnce, quantizeOnce } from '../operators/single_rounding.ts';

/** What float operators make of one quantized number: 256 float32 values, for −128 to 127. */
export type ByteFunction = Float32Array;

const bytes = Array.from({ length: 256 }, (_, index) => index - 128);

/** Float operators that work element by element. */
const elementwise = new Set([
  ...realFunctions.map(({ kind }) => kind),
  ...'ABS ADD DIV HARD_SWISH LEAKY_RELU LOGISTIC MAXIMUM MINIMUM MUL NEG POW PRELU RELU RELU6'.split(' '),
  ...'RELU_0_TO_1 RELU_N1_TO_1 RSQRT SQUARED_DIFFERENCE SUB TANH'.split(' '),
]);

export function isElementwise({ kind }: Operator): boolean {
  return elementwise.has(kind) && floatOperators.has(kind);
}

export function dequantizing({ scales, zeroPoints }: Quantization): ByteFunction {
  return Float32Array.from(bytes, (byte) =>
    dequantizeOnce(byte, scales[0] as number, zeroPoints[0] as number),
  );
}

/** QuantizeLinear of each value. */
export function quantizedValues(values: ByteFunction, { scales, zeroPoints }: Quantization): Int8Array {
  return Int8Array.from(values, (value) =>
    Math.min(Math.max(quantizeOnce(value, scales[0] as number, zeroPoints[0] as number), -128), 127),
  );
}

/**
 * An operator applied to functions of the same number; `constants` stand where an input is none. null where a constant has
 * more than one element.
 */
export function applied(
  operator: Operator,
  inputs: readonly (ByteFunction | Tensor)[],
  tensors: readonly Tensor[],
  file: string,
): ByteFunction | null {
  const kernel = floatOperators.get(operator.kind);
  if (kernel === undefined) return null;
  const [first] = tensors;
  if (first === undefined) return null;
  const line = (tensor: Tensor): Tensor => ({ ...tensor, shape: [256], data: null, quantization: null });
  const values: Float32Array[] = [];
  const shaped: Tensor[] = [];
  for (const [position, input] of inputs.entries()) {
    if (input instanceof Float32Array) {
      values.push(input);
      shaped.push(line(tensors[position] as Tensor));
      continue;
    }
    if (input.data === null || input.type !== 'float32' || elementCount(input.shape) !== 1) return null;
    values.push(typedArray('float32', input.data) as Float32Array);
    shaped.push({ ...input, shape: [1] });
  }
  const node = {
    operator,
    options: operator.options,
    inputs: shaped,
    outputs: [line(first)],
    rounding: 'single',
    file,
  } as const;
  const [result] = kernel.prepare(node)(values);
  return result?.length === 256 ? result : null;
}

/** The numbers of the same quantization that the values are; null where a value lies between them. */
export function onGrid(values: ByteFunction, quantization: Quantization): Int8Array | null {
  const numbers = quantizedValues(values, quantization);
  const back = dequantizing(quantization);
  return numbers.every((number, at) => back[number + 128] === values[at]) ? numbers : null;
}
