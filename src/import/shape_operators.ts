import { DeployError } from '../errors.ts';
import {
  byteLength,
  bytesOf,
  elementCount,
  type Graph,
  type Operator,
  type Tensor,
  typedArray,
} from '../graph/graph.ts';
import { operatorOf, operators } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';

/**
 * Operators that a converter leaves where it did not know a size, mostly that of the batch: they read nothing but shapes, and
 * are constants once the sizes are fixed. Code in the schema → kind.
 */
export const shapeOperators: ReadonlyMap<number, string> = new Map([
  [77, 'SHAPE'],
  [93, 'ZEROS_LIKE'],
  [94, 'FILL'],
]);

const mostElements = 4096;

/**
 * The graph with shapes, and what is computed from nothing but them and constants, as constants: Keras's Flatten becomes a
 * RESHAPE to a shape that is known. Throws DeployError where one of them remains.
 */
export function foldShapes(graph: Graph): Graph {
  const kinds = new Set(shapeOperators.values());
  if (!graph.operators.some(({ kind }) => kinds.has(kind))) return graph;
  const tensors = [...graph.tensors];
  const folded = { ...graph, tensors };
  const outputs = new Set(graph.outputs);
  const kept = graph.operators.filter((operator) => {
    const [output = -1, ...others] = operator.outputs;
    const tensor = tensors[output];
    if (tensor === undefined || others.length > 0 || outputs.has(output)) return true;
    const data = constantOf(folded, operator, tensor);
    if (data !== null) tensors[output] = { ...tensor, data };
    return data === null;
  });
  const left = kept.find(({ kind }) => kinds.has(kind));
  if (left === undefined) return { ...folded, operators: kept };
  throw new DeployError(
    'input',
    'this operator is not supported where it is not known before the model runs.',
    { file: graph.source.file, operator: `${left.kind} #${left.index}` },
    'Convert the model with fixed input shapes.',
  );
}

/** Bytes of what an operator computes, whatever the input; null where that is not so. */
function constantOf(graph: Graph, operator: Operator, output: Tensor): Uint8Array | null {
  const inputs = operator.inputs.map((index) => (index < 0 ? null : (graph.tensors[index] as Tensor)));
  if (elementCount(output.shape) > mostElements) return null;
  const [first] = inputs;
  if (operator.kind === 'SHAPE') return first == null ? null : integersAs(output, first.shape);
  // Zeros as TensorFlow Lite Micro writes them: of quantized numbers not the zero point.
  if (operator.kind === 'ZEROS_LIKE') return new Uint8Array(byteLength(output));
  if (inputs.some((input) => input !== null && input.data === null)) return null;
  if (operator.kind === 'FILL') {
    const value = inputs[1]?.data;
    const dims = first?.data == null ? [] : Array.from(typedArray(first.type, first.data), Number);
    const isSound = inputs[1]?.type === output.type && dims.join() === output.shape.join();
    if (value == null || !isSound) return null;
    const bytes = new Uint8Array(elementCount(output.shape) * value.length);
    for (let at = 0; at < bytes.length; at += Math.max(1, value.length)) bytes.set(value, at);
    return bytes;
  }
  if ((output.type !== 'int32' && output.type !== 'int64') || !operators.has(operator.kind)) return null;
  const node = nodeOf(graph, operator);
  try {
    operatorOf(operator.kind).check(node);
  } catch (error) {
    // It is refused with all others that are computed when the model runs.
    if (error instanceof DeployError) return null;
    throw error;
  }
  const values = inputs.map((input) =>
    input === null || input.data === null ? null : typedArray(input.type, input.data),
  );
  const [result] = operatorOf(operator.kind).reference(node, values);
  return result === undefined ? null : bytesOf(result);
}

function integersAs({ type, shape }: Tensor, values: readonly number[]): Uint8Array | null {
  if (elementCount(shape) !== values.length) return null;
  if (type === 'int32') return bytesOf(Int32Array.from(values));
  return type === 'int64' ? bytesOf(BigInt64Array.from(values, BigInt)) : null;
}
