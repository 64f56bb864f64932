import {
  byteLength,
  bytesOf,
  type Graph,
  stateOf,
  type TypedArray,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';

export interface Interpretation {
  /** Little-endian bytes, one per graph output. */
  readonly outputs: Uint8Array[];
  /** Every tensor's elements by tensor index: constants, inputs and all computed values. */
  readonly tensors: Map<number, TypedArray>;
  /** What the next inference starts from. */
  readonly state: State;
}

/** Little-endian bytes of each tensor that keeps its value between inferences, by tensor index. */
export type State = ReadonlyMap<number, Uint8Array>;

/** The state before the first inference, and after a reset. */
export function initialState(graph: Graph): State {
  return new Map(stateOf(graph).map(({ index, initialState: bytes }) => [index, bytes]));
}

/**
 * Runs a graph by the operators' reference semantics, bit-exact with TensorFlow Lite Micro's reference kernels.
 * `inputs` holds the little-endian bytes of each graph input, in the graph's order; a wrong length is a RangeError.
 * `before` is the state that the inference before left; as after a reset where it is absent.
 */
export function interpret(
  graph: Graph,
  inputs: readonly Uint8Array[],
  before: State = initialState(graph),
): Interpretation {
  const tensors = new Map<number, TypedArray>();
  for (const [index, bytes] of before) tensors.set(index, typedArray(tensorAt(graph, index).type, bytes));
  for (const [position, index] of graph.inputs.entries()) {
    const tensor = tensorAt(graph, index);
    const bytes = inputs[position];
    const expected = byteLength(tensor);
    if (bytes?.length !== expected)
      throw new RangeError(`input ${position} has ${bytes?.length ?? 'no'} bytes, expected ${expected}`);
    tensors.set(index, typedArray(tensor.type, bytes));
  }
  const elementsOf = (index: number): TypedArray | null => {
    if (index < 0) return null;
    const known = tensors.get(index);
    if (known !== undefined) return known;
    const { type, data } = tensorAt(graph, index);
    if (data === null) throw new RangeError(`tensor ${index} is read before it is computed`);
    const values = typedArray(type, data);
    tensors.set(index, values);
    return values;
  };
  for (const operator of graph.operators) {
    const results = operatorOf(operator.kind).reference(
      nodeOf(graph, operator),
      operator.inputs.map(elementsOf),
    );
    for (const [position, index] of operator.outputs.entries())
      tensors.set(index, results[position] as TypedArray);
  }
  return {
    outputs: graph.outputs.map((index) => bytesOf(elementsOf(index) as TypedArray)),
    tensors,
    state: new Map([...before.keys()].map((index) => [index, bytesOf(tensors.get(index) as TypedArray)])),
  };
}
