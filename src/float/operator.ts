import { type Tensor, typedArray } from '../graph/graph.ts';
import type { Activation } from '../operators/activation.ts';
import type { Node } from '../operators/operator.ts';

/** Runs one node on float32 elements. `inputs[i]` are those of node.inputs[i]: null if absent, empty for integers. */
export type FloatKernel = (inputs: readonly (Float32Array | null)[]) => Float32Array[];

/** An operator's meaning in real numbers. Sums are taken in double precision and rounded once to float32. */
export interface FloatOperator<Options = unknown> {
  /** The TFLite operator name. */
  readonly kind: string;
  /** What depends on shapes and constants alone is computed here, once. The node must have passed its operator's check as int8. */
  prepare(node: Node<Options>): FloatKernel;
}

/** Keeps the options' type inside an operator's file and lets the table hold all of them alike. */
export function defineFloat<Options>(operator: FloatOperator<Options>): FloatOperator {
  return operator as unknown as FloatOperator;
}

/** What the interpreter was given, or a constant's elements where it holds no real numbers. */
export function elements(given: Float32Array | null | undefined, tensor: Tensor): Float32Array {
  if (given != null && given.length > 0) return given;
  return Float32Array.from(
    tensor.data === null ? [] : Array.from(typedArray(tensor.type, tensor.data), Number),
  );
}

export interface RealRange {
  readonly low: number;
  readonly high: number;
}

const bounds: Readonly<Record<Activation, RealRange>> = {
  none: { low: -Infinity, high: Infinity },
  relu: { low: 0, high: Infinity },
  relu6: { low: 0, high: 6 },
  relu_n1_to_1: { low: -1, high: 1 },
  other: { low: -Infinity, high: Infinity },
};

/** What a fused activation lets through. */
export function realRange(activation: Activation): RealRange {
  return bounds[activation];
}
