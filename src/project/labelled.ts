import { inferMetric } from '../accuracy/labels.ts';
import type { AccuracySettings } from '../accuracy/settings.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import { DeployError } from '../errors.ts';
import { type Graph, typedArray } from '../graph/graph.ts';
import type { LabelledSample } from '../quantize/loss.ts';
import type { TestData } from './project.ts';
import { openTestData } from './testdata.ts';

const most = 256;

/**
 * Test data by whose classes a float model is quantized, spread evenly; none where they are no classes, where something other
 * than the first answer is scored, or where the data is in the integers of a quantized model.
 */
export function loadLabelled(
  folder: string,
  data: TestData | null,
  graph: Graph,
  preprocessing: Preprocessing | undefined,
  { metric }: Pick<AccuracySettings, 'metric'>,
): LabelledSample[] {
  if (data === null) return [];
  try {
    const set = openTestData(folder, data, graph, preprocessing);
    try {
      const { labels, count } = set;
      const scored = labels === null ? null : (metric ?? inferMetric(labels, graph));
      if (labels === null || scored?.kind !== 'top' || scored.k !== 1) return [];
      const taken = Math.min(most, count);
      return Array.from({ length: taken }, (_, sample) => {
        const index = Math.floor((sample * count) / taken);
        const inputs = set.inputs(index).map((bytes) => typedArray('float32', bytes) as Float32Array);
        return { sample: inputs, label: labels.values[index] ?? -1 };
      });
    } finally {
      set.close();
    }
  } catch (error) {
    // Data that does not fit is told when it is scored; what it cannot be used for here, calibration data is.
    if (error instanceof DeployError) return [];
    throw error;
  }
}
