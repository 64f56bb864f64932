import { prepareFloat } from '../float/interpreter.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import type { Watched } from './fidelity.ts';
import { type FieldStatistics, fieldCollectors } from './fields.ts';
import { addValues, emptyHistogram, type Histogram } from './histogram.ts';
import { weightedOf } from './weighted.ts';

/** What calibration samples showed of a float graph. */
export interface Observed {
  /** Values of each graph input and each computed tensor, by tensor index. */
  readonly histograms: ReadonlyMap<number, Histogram>;
  /** Mean of each channel (the last dimension) of the inputs of operators with weights. */
  readonly means: ReadonlyMap<number, Float64Array>;
  /** By operator index, for layers whose weights least squares can round. */
  readonly fields: ReadonlyMap<number, FieldStatistics>;
  /** The outputs for each sample, in the order of the graph's outputs. */
  readonly outputs: readonly (readonly Float32Array[])[];
  /** The same for the watched tensors. */
  readonly watched: readonly (readonly Float32Array[])[];
}

/** Runs every sample once. `tick` is given the part that is done. */
export function observe(
  graph: Graph,
  watched: readonly Watched[],
  samples: readonly (readonly Float32Array[])[],
  tick: (part: number) => void,
): Observed {
  const all = [...graph.outputs, ...watched.map(({ tensor }) => tensor)];
  const network = prepareFloat({ ...graph, outputs: all });
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
  const collectors = fieldCollectors(graph, samples.length);
  const elements = new Map<number, number>();
  const results = samples.map((sample, position) => {
    const result = network.run(sample, (tensor, values) => {
      const histogram = histograms.get(tensor) ?? emptyHistogram();
      histograms.set(tensor, histogram);
      addValues(histogram, values);
      for (const collector of collectors) if (collector.tensor === tensor) collector.add(values, position);
      const sum = sums.get(tensor);
      if (sum === undefined) return;
      const { length } = sum;
      for (let at = 0, channel = 0; at < values.length; at++) {
        sum[channel] = (sum[channel] as number) + (values[at] as number);
        if (++channel === length) channel = 0;
      }
      elements.set(tensor, (elements.get(tensor) ?? 0) + values.length / length);
    });
    tick((position + 1) / samples.length);
    return result;
  });
  const means = new Map(
    [...sums].map(
      ([tensor, sum]) => [tensor, sum.map((total) => total / (elements.get(tensor) ?? 1))] as const,
    ),
  );
  const fields = new Map(
    collectors.map((collector) => [collector.operator, collector.statistics()] as const),
  );
  const count = graph.outputs.length;
  return {
    histograms,
    means,
    fields,
    outputs: results.map((result) => result.slice(0, count)),
    watched: results.map((result) => result.slice(count)),
  };
}
