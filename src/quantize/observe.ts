import { prepareFloat } from '../float/interpreter.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { addValues, emptyHistogram, type Histogram } from './histogram.ts';
import { weightedOf } from './weighted.ts';

/** What calibration samples showed of a float graph. */
export interface Observed {
  /** Values of each graph input and each computed tensor, by tensor index. */
  readonly histograms: ReadonlyMap<number, Histogram>;
  /** Mean of each channel (the last dimension) of the inputs of operators with weights. */
  readonly means: ReadonlyMap<number, Float64Array>;
  /** The outputs for each sample, in the order of the graph's outputs. */
  readonly outputs: readonly (readonly Float32Array[])[];
}

/** Runs every sample once. `tick` is called after each. */
export function observe(
  graph: Graph,
  samples: readonly (readonly Float32Array[])[],
  tick: () => void,
): Observed {
  const network = prepareFloat(graph);
  const histograms = new Map<number, Histogram>();
  const sums = new Map<number, Float64Array>();
  for (const { kind, inputs } of graph.operators) {
    const weighted = weightedOf(kind);
    const input = inputs[weighted?.input ?? -1] ?? -1;
    if (weighted === null || input < 0) continue;
    // A dense layer's channels are the elements of its vectors.
    const depth =
      kind === 'FULLY_CONNECTED'
        ? tensorAt(graph, inputs[weighted.weights] ?? -1).shape[1]
        : tensorAt(graph, input).shape.at(-1);
    if (!sums.has(input)) sums.set(input, new Float64Array(depth ?? 1));
  }
  const elements = new Map<number, number>();
  const outputs = samples.map((sample) => {
    const result = network.run(sample, (tensor, values) => {
      const histogram = histograms.get(tensor) ?? emptyHistogram();
      histograms.set(tensor, histogram);
      addValues(histogram, values);
      const sum = sums.get(tensor);
      if (sum === undefined) return;
      const { length } = sum;
      for (let at = 0, channel = 0; at < values.length; at++) {
        sum[channel] = (sum[channel] as number) + (values[at] as number);
        if (++channel === length) channel = 0;
      }
      elements.set(tensor, (elements.get(tensor) ?? 0) + values.length / length);
    });
    tick();
    return result;
  });
  const means = new Map(
    [...sums].map(
      ([tensor, sum]) => [tensor, sum.map((total) => total / (elements.get(tensor) ?? 1))] as const,
    ),
  );
  return { histograms, means, outputs };
}
