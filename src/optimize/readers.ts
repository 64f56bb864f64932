import type { Graph, Operator, Tensor } from '../graph/graph.ts';

/** The operators that read a tensor; null when the caller reads it too, so that it has to be there. */
export function readersOf(graph: Graph, tensor: number): readonly Operator[] | null {
  if (graph.outputs.includes(tensor)) return null;
  return graph.operators.filter(({ inputs }) => inputs.includes(tensor));
}

/** Whether the same value is the same number in both tensors. */
export function hasOneQuantization(a: Tensor, b: Tensor): boolean {
  if (a.type === 'float32' && b.type === 'float32') return true;
  const [of, other] = [a.quantization, b.quantization];
  if (a.type !== b.type || of === null || other === null) return false;
  return (
    of.scales.length === 1 &&
    other.scales.length === 1 &&
    of.scales[0] === other.scales[0] &&
    of.zeroPoints[0] === other.zeroPoints[0]
  );
}
