import type { Graph } from '../graph/graph.ts';
import { operatorOf } from './index.ts';
import { type Node, nodeOf, type OperatorDefinition, unsupported } from './operator.ts';
import { requireFloatToStay } from './rounds_in_float.ts';

/** Each operator looks at its own tensors: types, shapes and options that we compute. Throws the DeployError of the first that refuses. */
export function checkOperators(graph: Graph): void {
  for (const operator of graph.operators) {
    const definition = operatorOf(operator.kind);
    const node = nodeOf(graph, operator);
    checkState(definition, node);
    definition.check(node);
  }
  requireFloatToStay(graph);
}

/** State is what an operator changes in place; no other may have it in hand when that happens. */
function checkState({ stateInputs = [] }: OperatorDefinition, node: Node): void {
  for (const [position, tensor] of node.inputs.entries()) {
    const isState = tensor?.initialState !== undefined;
    if (isState === stateInputs.includes(position)) continue;
    throw unsupported(
      node,
      isState
        ? 'this operator cannot read a variable tensor'
        : `input ${position} is no variable tensor, so the operator has no state`,
      tensor,
      'Export the model again with a current TFLite converter.',
    );
  }
}
