import { prepareFloat } from '../float/interpreter.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { roundToSteps } from './encoding.ts';
import { realGraph } from './real_graph.ts';

/**
 * Runs an integer graph in real numbers, each computed tensor rounded to its steps: what the integers compute but for ties
 * and the last bit of fixed-point multipliers, many times as fast as the exact reference.
 */
export function prepareSimulation(graph: Graph): (inputs: readonly Float32Array[]) => Float32Array[] {
  const network = prepareFloat(realGraph(graph));
  return (inputs) =>
    network.run(inputs, (index, values) => {
      const { quantization, type } = tensorAt(graph, index);
      if (quantization !== null) roundToSteps(values, quantization, type === 'int16' ? 'int16' : 'int8');
    });
}
