import { type Graph, tensorAt } from './graph.ts';

/**
 * Whether a graph computes in float32, other than to convert at its edges: then it must be quantized before it is
 * deployed. A graph that mixes float32 with quantized integers is none: its operators are refused one by one.
 */
export function isFloat(graph: Graph): boolean {
  const computed = graph.operators
    .filter(({ kind }) => kind !== 'QUANTIZE' && kind !== 'DEQUANTIZE')
    .flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
    .filter((index) => index >= 0)
    .map((index) => tensorAt(graph, index))
    .filter(({ data }) => data === null);
  return (
    computed.some(({ type }) => type === 'float32') &&
    computed.every(({ type, quantization }) => type === 'float32' || quantization === null)
  );
}
