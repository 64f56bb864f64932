import { type Tensor, typedArray } from '../graph/graph.ts';

/** The elements of a constant float32 tensor in double precision; `length` zeros where it is absent. */
export function realsOf(tensor: Tensor | null | undefined, length = 0): Float64Array {
  if (tensor === null || tensor === undefined || tensor.data === null) return new Float64Array(length);
  return Float64Array.from(typedArray(tensor.type, tensor.data) as Float32Array);
}
