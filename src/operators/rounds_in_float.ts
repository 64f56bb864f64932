import type { Graph } from '../graph/graph.ts';
import { arithmeticOf } from './arithmetic.ts';
import { formsOf } from './index.ts';
import { type Node, nodeOf, unsupported } from './operator.ts';

/** Whether the node computes in float32, rather than moving numbers or converting them: then its result depends on the order of sums. */
export function roundsInFloat(node: Node): boolean {
  const arithmetic = arithmeticOf(node);
  if (arithmetic !== 'float32' && arithmetic !== 'hybrid') return false;
  return formsOf(node.operator.kind)[arithmetic] !== undefined;
}

/**
 * What float32 kernels compute is within a bound of the reference; an integer made of it could be another one. So a
 * model may end in float32, but not come back from it. Throws the DeployError that names the operator.
 */
export function requireFloatToStay(graph: Graph): void {
  const rounded = new Set<number>();
  for (const operator of graph.operators) {
    const node = nodeOf(graph, operator);
    if (!roundsInFloat(node) && !operator.inputs.some((index) => rounded.has(index))) continue;
    for (const output of node.outputs) {
      if (output.type === 'float32' || output.type === 'bool') rounded.add(output.index);
      else if (output.quantization !== null || operator.kind === 'CAST')
        throw unsupported(
          node,
          `what is computed in float32 becomes ${output.type} again`,
          output,
          'Quantize the whole model, or let its end stay in float32.',
        );
    }
  }
}
