import { DeployError } from '../errors.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate.ts';
import { checkOperators } from '../operators/check.ts';
import { type Expectation, fidelity, watchedOf } from './fidelity.ts';
import { fuseActivations } from './fuse_activations.ts';
import type { Range } from './histogram.ts';
import { type EdgeType, int8Graph } from './int8_graph.ts';
import { type Observed, observe } from './observe.ts';
import { type RangeMethod, rangeMethods, rangeOf } from './ranges.ts';
import { realGraph } from './real_graph.ts';
import { refineRanges, refiningSamples, sizeOf } from './refine_ranges.ts';
import { streamed } from './streamed.ts';

/** One calibration sample: the elements of each graph input, row-major. */
export type Sample = readonly Float32Array[];

export interface QuantizeOptions {
  /** `auto`: whichever keeps most of the outputs' signal on the calibration samples. */
  readonly range: RangeMethod | 'auto';
  readonly biasCorrection: boolean | 'auto';
  readonly edges: EdgeType;
}

/** Rounding by least squares already counts errors of the mean: on the networks that we measured, correction added none. */
export const defaultOptions: QuantizeOptions = { range: 'auto', biasCorrection: false, edges: 'int8' };

/** `refined`: chosen tensor by tensor, by what the whole network makes of it. */
export type ChosenRange = RangeMethod | 'refined';

export interface Quantized {
  /** Takes the place of the float graph in every later stage. */
  readonly graph: Graph;
  /** What was quantized, activations fused: its computed tensors have the same indices as in `graph`. */
  readonly float: Graph;
  readonly range: ChosenRange;
  readonly biasCorrection: boolean;
  /** Signal to quantization noise of the outputs on calibration samples, in dB. */
  readonly decibels: number;
}

/**
 * Post-training quantization of a float graph to int8, after the TFLite int8 quantization specification. The same graph
 * and samples give the same integers. `onProgress` gets the part that is done, 0 to 1. Throws DeployError (kind `input`)
 * for an operator or a tensor that cannot be quantized, and for samples that lead to values which are no numbers.
 */
export function quantize(
  graph: Graph,
  given: readonly Sample[],
  options: QuantizeOptions = defaultOptions,
  onProgress: (part: number) => void = () => {},
): Quantized {
  const float = checkedFloat(graph);
  requireBounded(float, given.length);
  const samples = streamed(float, given);
  onProgress(0);
  const watched = watchedOf(float);
  const observed = observe(float, watched, samples, (part) => onProgress(0.4 * part));
  requireNumbers(float, observed);
  const make = (choice: Choice, fields: Observed['fields'] = new Map()): Graph =>
    int8Graph(float, {
      ranges: choice.ranges,
      edges: options.edges,
      means: choice.biasCorrection ? observed.means : null,
      fields,
    });
  const expected = (most: number): Expectation[] =>
    spread(samples.length, most).map((at) => ({
      sample: samples[at] ?? [],
      watched: observed.watched[at] ?? [],
    }));

  const candidates = candidatesOf(options, observed);
  const compared = expected(comparedSamples(float, candidates.length));
  let chosen = mostTrue(candidates, (choice) => fidelity(make(choice), watched, compared));
  onProgress(0.6);
  const refining = options.range === 'auto' ? refiningSamples(float, observed.histograms.size) : 0;
  if (refining > 0) {
    const { biasCorrection } = chosen;
    const trials = expected(refining);
    const rate = (ranges: Choice['ranges']) => fidelity(make({ ...chosen, ranges }), watched, trials);
    const tick = (part: number) => onProgress(0.6 + 0.3 * part);
    const ranges = refineRanges(observed.histograms, chosen.ranges, rate, tick);
    chosen = { range: 'refined', biasCorrection, ranges };
  }
  const made = mostTrue([make(chosen), make(chosen, observed.fields)], (each) =>
    fidelity(each, watched, compared),
  );
  validateGraph(made);
  checkOperators(made);
  onProgress(1);
  const outputs = float.outputs.map((tensor) => ({ tensor, centred: false }));
  const exact = spread(samples.length, compared.length).map((at) => ({
    sample: samples[at] ?? [],
    watched: observed.outputs[at] ?? [],
  }));
  const { range, biasCorrection } = chosen;
  return { graph: made, float, range, biasCorrection, decibels: fidelity(made, outputs, exact) };
}

/** Multiply-accumulates over all samples: a minute or two. */
const mostWork = 5e10;

function requireBounded(graph: Graph, samples: number): void {
  const { macs } = sizeOf(graph);
  if (macs * samples <= mostWork) return;
  throw new DeployError(
    'input',
    `Calibrating takes ${macs * samples} multiply-accumulates, more than the ${mostWork} that are allowed.`,
    { file: graph.source.file },
    `The network takes ${macs} for each of ${samples} samples: set fewer with \`quantize: samples:\`.`,
  );
}

interface Choice {
  readonly range: ChosenRange;
  readonly biasCorrection: boolean;
  readonly ranges: ReadonlyMap<number, Range>;
}

function mostTrue<Candidate extends object>(
  candidates: readonly Candidate[],
  rate: (candidate: Candidate) => number,
): Candidate {
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError('no candidates');
  if (others.length === 0) return first;
  let best: Candidate = first;
  let most = rate(first);
  for (const candidate of others) {
    const decibels = rate(candidate);
    if (decibels <= most) continue;
    best = candidate;
    most = decibels;
  }
  return best;
}

/** Work for comparing candidates, in multiply-accumulates: a second or two. */
const mostComparing = 1.5e9;

function comparedSamples(graph: Graph, candidates: number): number {
  const samples = Math.floor(mostComparing / ((candidates + 3) * Math.max(1, sizeOf(graph).macs)));
  return Math.max(8, Math.min(64, samples));
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

function candidatesOf({ range, biasCorrection }: QuantizeOptions, { histograms }: Observed): Choice[] {
  const ranges = range === 'auto' ? rangeMethods : [range];
  const corrections = biasCorrection === 'auto' ? [false, true] : [biasCorrection];
  return ranges.flatMap((method) => {
    const each = new Map(
      [...histograms].map(([index, histogram]) => [index, rangeOf(method, histogram)] as const),
    );
    return corrections.map((correction) => ({ range: method, biasCorrection: correction, ranges: each }));
  });
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
