import {
  byteLength,
  bytesOf,
  type Graph,
  type Tensor,
  type TypedArray,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';

/**
 * Inputs made from a seed: a 32-bit linear congruential generator whose high bits become the elements, in
 * row-major order, running on through the inputs in the graph's order. Little-endian bytes for each input.
 */
export function seededInputs(graph: Graph, seed: number): Uint8Array[] {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  return graph.inputs.map((index) => bytesOf(fill(tensorAt(graph, index), next)));
}

function fill(tensor: Tensor, next: () => number): TypedArray {
  const signedByte = () => (next() | 0) >> 24;
  const values = emptyArray(tensor);
  for (let at = 0; at < values.length; at++) {
    if (values instanceof BigInt64Array) values[at] = BigInt(signedByte());
    else if (tensor.type === 'uint8') values[at] = next() >>> 24;
    else if (tensor.type === 'int16') values[at] = (next() | 0) >> 16;
    else if (tensor.type === 'float32') values[at] = signedByte() / 64;
    else if (tensor.type === 'bool') values[at] = next() >>> 31;
    else values[at] = signedByte();
  }
  return values;
}

function emptyArray(tensor: Tensor): TypedArray {
  return typedArray(tensor.type, new Uint8Array(byteLength(tensor)));
}

export interface CornerInputs {
  readonly label: 'all lowest' | 'all highest' | 'all zero';
  readonly inputs: Uint8Array[];
}

/** The inputs at which saturation and padding show: every element the lowest, the highest, and the zero point. */
export function cornerInputs(graph: Graph): CornerInputs[] {
  const constant = (elementOf: (tensor: Tensor) => number) =>
    graph.inputs.map((index) => {
      const tensor = tensorAt(graph, index);
      const values = emptyArray(tensor);
      if (values instanceof BigInt64Array) values.fill(BigInt(elementOf(tensor)));
      else values.fill(elementOf(tensor));
      return bytesOf(values);
    });
  const zeroPoint = (tensor: Tensor) => tensor.quantization?.zeroPoints[0] ?? 0;
  return [
    { label: 'all lowest', inputs: constant((tensor) => ranges[tensor.type][0]) },
    { label: 'all highest', inputs: constant((tensor) => ranges[tensor.type][1]) },
    { label: 'all zero', inputs: constant(zeroPoint) },
  ];
}

/** Lowest and highest element; for float32 the ends of the seeded range. */
const ranges = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [-128, 127],
  int64: [-128, 127],
  float32: [-2, 127 / 64],
  bool: [0, 1],
} as const;
