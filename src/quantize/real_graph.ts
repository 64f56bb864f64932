import type { Graph } from '../graph/graph.ts';
import { realTensor } from '../graph/real_tensor.ts';

/**
 * The float graph that computes with exactly the numbers that an int8 graph's integers stand for: constants as they were
 * rounded, computed tensors in float32. Rounding the computed ones is the caller's (roundToSteps).
 */
export function realGraph(graph: Graph): Graph {
  return { ...graph, tensors: graph.tensors.map(realTensor) };
}
