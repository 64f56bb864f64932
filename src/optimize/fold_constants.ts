import { bytesOf, type Graph, type Tensor, tensorAt, typedArray } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';

/** Computes once, at build time, every operator that reads only constants. Exact: the reference computes it. */
export function foldConstants(graph: Graph): Graph {
  const folded = graph.operators.find((operator) => readsOnlyConstants(graph, operator.inputs));
  if (folded === undefined) return graph;
  const node = nodeOf(graph, folded);
  const inputs = node.inputs.map((tensor) =>
    tensor?.data === null || tensor === null ? null : typedArray(tensor.type, tensor.data),
  );
  const outputs = operatorOf(folded.kind).reference(node, inputs);
  const constants = new Map<number, Tensor>(
    folded.outputs.map((index, position) => {
      const values = outputs[position];
      return [index, { ...tensorAt(graph, index), data: values === undefined ? null : bytesOf(values) }];
    }),
  );
  return foldConstants({
    ...graph,
    tensors: graph.tensors.map((tensor) => constants.get(tensor.index) ?? tensor),
    operators: graph.operators.filter((operator) => operator !== folded),
  });
}

function readsOnlyConstants(graph: Graph, inputs: readonly number[]): boolean {
  return inputs.length > 0 && inputs.every((index) => index < 0 || tensorAt(graph, index).data !== null);
}
