import { byteLength, type Graph, tensorAt } from '../../src/graph/graph.ts';

/** Several models side by side in one: what is asked of each is built and run at once. */
export interface Joined {
  readonly graph: Graph;
  /** For each model the positions of its outputs among all. */
  readonly outputs: readonly (readonly number[])[];
}

/** Of one format, as operators round by that. */
export function joined(name: string, graphs: readonly Graph[]): Joined {
  const [first] = graphs;
  if (first === undefined) throw new RangeError('no models to join');
  const starts: number[] = [];
  let count = 0;
  for (const { tensors } of graphs) {
    starts.push(count);
    count += tensors.length;
  }
  const moved = (index: number, at: number) => (index < 0 ? index : index + (starts[at] as number));
  const all = (of: (graph: Graph) => readonly number[]) =>
    graphs.flatMap((graph, at) => of(graph).map((index) => moved(index, at)));
  const operators = graphs.flatMap((graph, at) =>
    graph.operators.map((operator) => ({
      ...operator,
      inputs: operator.inputs.map((index) => moved(index, at)),
      outputs: operator.outputs.map((index) => moved(index, at)),
    })),
  );
  let outputs = 0;
  return {
    graph: {
      ...first,
      name,
      tensors: graphs.flatMap((graph, at) =>
        graph.tensors.map((tensor) => ({
          ...tensor,
          index: moved(tensor.index, at),
          name: `${graph.name}_${tensor.name}`,
        })),
      ),
      operators: operators.map((operator, index) => ({ ...operator, index })),
      inputs: all((graph) => graph.inputs),
      outputs: all((graph) => graph.outputs),
    },
    outputs: graphs.map((graph) => graph.outputs.map(() => outputs++)),
  };
}

/** Little-endian bytes of each output, from all of them one after the other. */
export function outputsIn(graph: Graph, packed: Uint8Array): Uint8Array[] {
  let from = 0;
  return graph.outputs.map((index) => {
    const bytes = byteLength(tensorAt(graph, index));
    from += bytes;
    return packed.slice(from - bytes, from);
  });
}
