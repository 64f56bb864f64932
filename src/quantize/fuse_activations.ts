import type { Graph, Operator } from '../graph/graph.ts';
import type { Activation } from '../operators/activation.ts';

const activations: Readonly<Record<string, Activation>> = { RELU: 'relu', RELU6: 'relu6' };

const canFuse = new Set([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'TRANSPOSE_CONV',
  'FULLY_CONNECTED',
  'ADD',
  'SUB',
  'MUL',
]);

/**
 * ReLU and ReLU6 become part of the operator before them where nothing else reads in between: int8 then covers only what
 * the activation lets through. Exact in real numbers.
 */
export function fuseActivations(graph: Graph): Graph {
  const readers = (tensor: number): number =>
    graph.operators.filter(({ inputs }) => inputs.includes(tensor)).length +
    graph.outputs.filter((index) => index === tensor).length;
  const fused = new Map<Operator, Operator>();
  const gone = new Set<Operator>();
  for (const operator of graph.operators) {
    const activation = Object.hasOwn(activations, operator.kind) ? activations[operator.kind] : undefined;
    const [input = -1] = operator.inputs;
    const writer = graph.operators.find(({ outputs }) => outputs.includes(input));
    if (activation === undefined || writer === undefined || !canFuse.has(writer.kind)) continue;
    const options = writer.options as { readonly activation?: Activation } | null;
    if (options?.activation !== 'none' || readers(input) !== 1) continue;
    fused.set(writer, { ...writer, outputs: operator.outputs, options: { ...options, activation } });
    gone.add(operator);
  }
  return {
    ...graph,
    operators: graph.operators
      .filter((operator) => !gone.has(operator))
      .map((operator) => fused.get(operator) ?? operator),
  };
}
