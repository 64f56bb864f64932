import { DeployError } from '../errors.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate.ts';
import { checkOperators } from '../operators/check.ts';
import { fuseActivations } from './fuse_activations.ts';
import { type EdgeType, int8Graph } from './int8_graph.ts';
import { type Observed, observe } from './observe.ts';
import { type RangeMethod, rangeMethods, rangeOf } from './ranges.ts';
import { realGraph } from './real_graph.ts';
import { addNoise, decibels } from './signal_to_noise.ts';
import { prepareSimulation } from './simulate.ts';

/** One calibration sample: the elements of each graph input, row-major. */
export type Sample = readonly Float32Array[];

export interface QuantizeOptions {
  /** `auto`: whichever keeps most of the outputs' signal on the calibration samples. */
  readonly range: RangeMethod | 'auto';
  readonly biasCorrection: boolean | 'auto';
  readonly edges: EdgeType;
}

export const defaultOptions: QuantizeOptions = { range: 'auto', biasCorrection: 'auto', edges: 'int8' };

export interface Quantized {
  /** Takes the place of the float graph in every later stage. */
  readonly graph: Graph;
  /** What was quantized, activations fused: its computed tensors have the same indices as in `graph`. */
  readonly float: Graph;
  readonly range: RangeMethod;
  readonly biasCorrection: boolean;
  /** Signal to quantization noise of the outputs on calibration samples, in dB. */
  readonly decibels: number;
}

/** Candidates are compared on this many samples, spread evenly. */
const comparedSamples = 32;

/**
 * Post-training quantization of a float graph to int8, after the TFLite int8 quantization specification. The same graph
 * and samples give the same integers. `onProgress` gets the part that is done, 0 to 1. Throws DeployError (kind `input`)
 * for an operator or a tensor that cannot be quantized, and for samples that lead to values which are no numbers.
 */
export function quantize(
  graph: Graph,
  samples: readonly Sample[],
  options: QuantizeOptions = defaultOptions,
  onProgress: (part: number) => void = () => {},
): Quantized {
  const float = checkedFloat(graph);
  const compared = spread(samples.length, comparedSamples);
  const candidates = candidatesOf(options);
  // Comparing one candidate costs about as much as observing the same samples.
  const work = samples.length + (candidates.length > 1 ? candidates.length : 1) * compared.length;
  let done = 0;
  const tick = () => onProgress(++done / work);
  const observed = observe(float, samples, tick);
  requireNumbers(float, observed);
  const rated = candidates.map((candidate) => {
    const made = int8Graph(float, {
      ranges: rangesOf(candidate.range, observed),
      edges: options.edges,
      means: candidate.biasCorrection ? observed.means : null,
    });
    return { ...candidate, graph: made, decibels: rate(made, samples, observed, compared, tick) };
  });
  const [first, ...others] = rated;
  if (first === undefined) throw new RangeError('no candidates');
  const best = others.reduce((most, each) => (each.decibels > most.decibels ? each : most), first);
  validateGraph(best.graph);
  checkOperators(best.graph);
  return { ...best, float };
}

/**
 * The graph as it is quantized: integers that stand for real constants (hybrid models) made real, activations fused.
 * Throws the DeployError that any int8 graph of these operators and shapes gives.
 */
export function checkedFloat(graph: Graph): Graph {
  const float = fuseActivations(realGraph(graph));
  for (const index of float.inputs)
    if (tensorAt(float, index).type !== 'float32')
      throw new DeployError(
        'input',
        `A float model with an input of type ${tensorAt(float, index).type} cannot be quantized.`,
        { file: graph.source.file, tensor: tensorAt(float, index).name },
        'Export the model with float32 inputs.',
      );
  const anyRange = { low: -8, high: 8 };
  const ranges = new Map(float.tensors.map(({ index }) => [index, anyRange] as const));
  const trial = int8Graph(float, { ranges, edges: 'int8', means: null });
  validateGraph(trial);
  checkOperators(trial);
  return float;
}

function candidatesOf({ range, biasCorrection }: QuantizeOptions): {
  readonly range: RangeMethod;
  readonly biasCorrection: boolean;
}[] {
  const ranges = range === 'auto' ? rangeMethods : [range];
  const corrections = biasCorrection === 'auto' ? [false, true] : [biasCorrection];
  return ranges.flatMap((each) =>
    corrections.map((correction) => ({ range: each, biasCorrection: correction })),
  );
}

function rangesOf(method: RangeMethod, { histograms }: Observed) {
  return new Map([...histograms].map(([index, histogram]) => [index, rangeOf(method, histogram)] as const));
}

/** dB of the outputs of a candidate on the compared samples. */
function rate(
  graph: Graph,
  samples: readonly Sample[],
  { outputs }: Observed,
  compared: readonly number[],
  tick: () => void,
): number {
  const run = prepareSimulation(graph);
  const sum = { signal: 0, noise: 0 };
  for (const at of compared) {
    const results = run(samples[at] ?? []);
    for (const [position, result] of results.entries()) addNoise(sum, outputs[at]?.[position] ?? [], result);
    tick();
  }
  return decibels(sum);
}

/** Positions of at most `most` of `count` samples, spread evenly. */
export function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * count) / taken));
}

function requireNumbers(graph: Graph, { histograms }: Observed): void {
  for (const [index, { broken }] of histograms)
    if (broken > 0)
      throw new DeployError(
        'input',
        'The calibration data leads to values that are no finite numbers here.',
        { file: graph.source.file, tensor: tensorAt(graph, index).name },
        'Check the weights for infinities, and that the data is scaled as in training.',
      );
}
