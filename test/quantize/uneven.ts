import { bytesOf, type Graph, type Operator, tensorAt, typedArray } from '../../src/graph/graph.ts';

/**
 * The same function as `graph`, hard to write in eight bits: every third channel between the first CONV_2D that a
 * DEPTHWISE_CONV_2D reads and that one is `factor` times as large, its weights behind smaller by as much. Nothing but a ReLU may
 * lie between, and weights have a scale for each channel, so that only that activation suffers.
 */
export function uneven(graph: Graph, factor: number): Graph {
  const reader = graph.operators.find(({ kind }) => kind === 'DEPTHWISE_CONV_2D');
  const writer = graph.operators.find(({ outputs }) => outputs[0] === reader?.inputs[0]);
  if (reader === undefined || writer?.kind !== 'CONV_2D')
    throw new RangeError('no CONV_2D before a depthwise one');
  const channels = tensorAt(graph, writer.outputs[0] ?? -1).shape.at(-1) ?? 1;
  const by = (channel: number) => (channel % 3 === 0 ? factor : 1);
  const scaled = new Map<number, (element: number, count: number) => number>();
  const scale = ({ inputs }: Operator, position: number, of: (element: number, count: number) => number) =>
    scaled.set(inputs[position] ?? -1, of);
  scale(writer, 1, (element, count) => by(Math.floor((element * channels) / count)));
  scale(writer, 2, (element) => by(element));
  scale(reader, 1, (element) => 1 / by(element % channels));
  return {
    ...graph,
    tensors: graph.tensors.map((tensor) => {
      const of = scaled.get(tensor.index);
      if (of === undefined || tensor.data === null) return tensor;
      const values = typedArray('float32', tensor.data) as Float32Array;
      return { ...tensor, data: bytesOf(values.map((value, at) => value * of(at, values.length))) };
    }),
  };
}

/** The same, written over the weights in the model's file. */
export function unevenFile(file: Uint8Array, graph: Graph, factor: number): Uint8Array {
  const written = Buffer.from(file);
  for (const { index, data } of uneven(graph, factor).tensors) {
    const before = tensorAt(graph, index).data;
    if (data === null || before === null || Buffer.compare(data, before) === 0) continue;
    const at = written.indexOf(before);
    if (at === -1 || written.indexOf(before, at + 1) !== -1)
      throw new RangeError('the weights are not there once');
    written.set(data, at);
  }
  return written;
}
