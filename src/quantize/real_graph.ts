import { bytesOf, elementCount, type Graph, type Tensor, typedArray } from '../graph/graph.ts';

/**
 * The float graph that computes with exactly the numbers that an int8 graph's integers stand for: constants as they were
 * rounded, computed tensors in float32. Rounding the computed ones is the caller's (roundToSteps).
 */
export function realGraph(graph: Graph): Graph {
  return { ...graph, tensors: graph.tensors.map(real) };
}

function real(tensor: Tensor): Tensor {
  const { type, data, quantization, shape } = tensor;
  if (quantization === null || type === 'float32') return tensor;
  if (data === null) return { ...tensor, type: 'float32', quantization: null };
  const { scales, zeroPoints, axis } = quantization;
  const integers = typedArray(type, data);
  const inner = elementCount(shape.slice(axis + 1));
  const values = Float32Array.from({ length: integers.length }, (_, at) => {
    const channel = scales.length === 1 ? 0 : Math.floor(at / inner) % scales.length;
    return (Number(integers[at]) - (zeroPoints[channel] ?? 0)) * (scales[channel] ?? 1);
  });
  return { ...tensor, type: 'float32', quantization: null, data: bytesOf(values) };
}
