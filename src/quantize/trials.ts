import { prepareFloat } from '../float/interpreter.ts';
import { type Graph, stateOf } from '../graph/graph.ts';
import type { LabelledSample, Trial } from './loss.ts';
import { sizeOf } from './refine_ranges.ts';
import { type Sample, spread } from './samples.ts';

/** Multiply-accumulates of one measurement of the loss, of which a search makes some twenty. */
const mostWork = 3e8;
const fewest = 32;
const most = 256;

/**
 * The samples that a loss is measured on, with what the float network answers: labelled ones where there are any, else those
 * of the calibration, whose `outputs` are known. A network with state takes these, which are one sequence.
 */
export function trialsOf(
  float: Graph,
  outputs: readonly (readonly Float32Array[])[],
  samples: readonly Sample[],
  labelled: readonly LabelledSample[],
): Trial[] {
  const affordable = Math.floor(mostWork / Math.max(1, sizeOf(float).macs));
  const taken = Math.max(fewest, Math.min(most, affordable));
  if (labelled.length === 0 || stateOf(float).length > 0)
    return spread(samples.length, taken).map((at) => ({
      sample: samples[at] ?? [],
      outputs: outputs[at] ?? [],
      label: null,
    }));
  const network = prepareFloat(float);
  return spread(labelled.length, taken).map((at) => {
    const { sample, label } = labelled[at] as LabelledSample;
    return { sample, outputs: network.run(sample).map((values) => values.slice()), label };
  });
}
