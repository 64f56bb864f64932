import type { Graph } from '../graph/graph.ts';
import { operatorOf } from './index.ts';
import { nodeOf } from './operator.ts';

/** Each operator looks at its own tensors: types, shapes and options that we compute. Throws the DeployError of the first that refuses. */
export function checkOperators(graph: Graph): void {
  for (const operator of graph.operators) operatorOf(operator.kind).check(nodeOf(graph, operator));
}
