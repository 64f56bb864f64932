import { bytesOf, type Graph, type Operator, tensorAt, typedArray } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';

/**
 * Computes once, at build time, every operator that reads only constants. Exact: the reference computes it. An output of the
 * model is memory of its own: a constant is copied there.
 */
export function foldConstants(graph: Graph): Graph {
  const folded = graph.operators.find(
    (operator) => readsOnlyConstants(graph, operator.inputs) && !isCopyToOutput(graph, operator),
  );
  if (folded === undefined) return graph;
  const node = nodeOf(graph, folded);
  const inputs = node.inputs.map((tensor) =>
    tensor?.data === null || tensor === null ? null : typedArray(tensor.type, tensor.data),
  );
  const results = operatorOf(folded.kind).reference(node, inputs);
  const tensors = [...graph.tensors];
  const copies = folded.outputs.flatMap((index, position): Operator[] => {
    const values = results[position];
    const constant = {
      ...tensorAt(graph, index),
      data: values === undefined ? null : bytesOf(values),
    };
    if (!graph.outputs.includes(index)) {
      tensors[index] = constant;
      return [];
    }
    const copied = tensors.push({ ...constant, index: tensors.length }) - 1;
    return [{ index: folded.index, kind: 'RESHAPE', inputs: [copied], outputs: [index], options: null }];
  });
  return foldConstants({
    ...graph,
    tensors,
    operators: graph.operators.flatMap((operator) => (operator === folded ? copies : [operator])),
  });
}

function isCopyToOutput(graph: Graph, { kind, outputs }: Operator): boolean {
  return kind === 'RESHAPE' && outputs.every((index) => graph.outputs.includes(index));
}

function readsOnlyConstants(graph: Graph, inputs: readonly number[]): boolean {
  return inputs.length > 0 && inputs.every((index) => index < 0 || tensorAt(graph, index).data !== null);
}
