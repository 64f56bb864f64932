import { DeployError } from '../errors.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate.ts';
import { checkOperators } from '../operators/check.ts';
import { type Expectation, fidelity, watchedOf } from './fidelity.ts';
import { fuseActivations } from './fuse_activations.ts';
import type { Range } from './histogram.ts';
import { type EdgeType, integerGraph, type WideChoices } from './integer_graph.ts';
import { defaultBudget, type LabelledSample, type LossBudget } from './loss.ts';
import { type Observed, observe } from './observe.ts';
import { type RangeMethod, rangeMethods, rangeOf } from './ranges.ts';
import { realGraph } from './real_graph.ts';
import { refineRanges, refiningSamples, sizeOf } from './refine_ranges.ts';
import { streamed } from './streamed.ts';
import { trialsOf } from './trials.ts';
import { type MixedOutcome, type WideActivation, widen, wideRanges } from './widen.ts';

/** One calibration sample: the elements of each graph input, row-major. */
export type Sample = readonly Float32Array[];

/** What activations are rounded to; `mixed`: to int8, but for those that the loss budget needs in int16. */
export const activationTypes = ['int8', 'int16', 'mixed'] as const;
export type ActivationTypes = (typeof activationTypes)[number];

export interface QuantizeOptions {
  /** `auto`: whichever keeps most of the outputs' signal on the calibration samples. */
  readonly range: RangeMethod | 'auto';
  readonly biasCorrection: boolean | 'auto';
  readonly edges: EdgeType;
  /** Absent: `int8`. */
  readonly activations?: ActivationTypes;
  /** For `mixed`; absent: defaultBudget. */
  readonly maxLoss?: LossBudget;
}

/** Rounding by least squares already counts errors of the mean: on the networks that we measured, correction added none. */
export const defaultOptions: QuantizeOptions = {
  range: 'auto',
  biasCorrection: false,
  edges: 'as-computed',
};

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
  /** Activations in sixteen bits, the one that would bring the most noise in eight first. */
  readonly wide: readonly WideActivation[];
  /** Only where mixed precision was asked for. */
  readonly mixed: MixedOutcome | null;
}

/**
 * Post-training quantization of a float graph, after the TFLite quantization specifications: int8 weights, and activations
 * in int8, int16 or both. The same graph and samples give the same integers. `labelled` are samples that the loss of mixed
 * precision is measured on; without them it is agreement with the float network on the calibration samples. `onProgress` gets
 * the part that is done, 0 to 1. Throws DeployError (kind `input`) for an operator or a tensor that cannot be quantized, for
 * samples that lead to values which are no numbers, and for a loss budget that cannot be kept.
 */
export function quantize(
  graph: Graph,
  given: readonly Sample[],
  options: QuantizeOptions = defaultOptions,
  onProgress: (part: number) => void = () => {},
  labelled: readonly LabelledSample[] = [],
): Quantized {
  const { activations = 'int8' } = options;
  const float = checkedFloat(graph);
  requireBounded(float, given.length);
  const samples = streamed(float, given);
  const share = activations === 'int8' ? 1 : 0.7;
  const onInt8 = (part: number) => onProgress(share * part);
  onProgress(0);
  const watched = watchedOf(float);
  const observed = observe(float, watched, samples, (part) => onInt8(0.4 * part));
  requireNumbers(float, observed);
  const make = (choice: Choice, fields: Observed['fields'] = new Map(), wide?: WideChoices): Graph =>
    integerGraph(float, {
      ranges: choice.ranges,
      edges: options.edges,
      means: choice.biasCorrection ? observed.means : null,
      fields,
      ...(wide === undefined ? {} : { wide }),
    });
  const expected = (most: number): Expectation[] =>
    spread(samples.length, most).map((at) => ({
      sample: samples[at] ?? [],
      watched: observed.watched[at] ?? [],
    }));

  const ofWide = wideRanges(observed.histograms);
  // Ranges of int8 are of little weight where only what has no int16 form keeps them.
  const all =
    activations === 'int16' ? { tensors: new Set(observed.histograms.keys()), ranges: ofWide } : undefined;
  const candidates = candidatesOf(options, observed);
  const compared = expected(comparedSamples(float, candidates.length));
  let chosen = mostTrue(candidates, (choice) => fidelity(make(choice, new Map(), all), watched, compared));
  onInt8(0.6);
  const refining =
    options.range === 'auto' && all === undefined ? refiningSamples(float, observed.histograms.size) : 0;
  if (refining > 0) {
    const { biasCorrection } = chosen;
    const trials = expected(refining);
    const rate = (ranges: Choice['ranges']) => fidelity(make({ ...chosen, ranges }), watched, trials);
    const tick = (part: number) => onInt8(0.6 + 0.3 * part);
    const ranges = refineRanges(observed.histograms, chosen.ranges, rate, tick);
    chosen = { range: 'refined', biasCorrection, ranges };
  }
  const fields = mostTrue([new Map(), observed.fields], (each) =>
    fidelity(make(chosen, each, all), watched, compared),
  );
  onInt8(1);
  const {
    wide,
    mixed,
    graph: made,
  } = widen(activations, {
    float,
    budget: options.maxLoss ?? defaultBudget(float),
    ranges: ofWide,
    make: (each) => make(chosen, fields, each),
    fidelity: (each) => fidelity(each, watched, compared.slice(0, rankingSamples)),
    trials: () => trialsOf(float, observed.outputs, samples, labelled),
    tick: (part) => onProgress(share + (1 - share) * part),
  });
  validateGraph(made);
  checkOperators(made);
  onProgress(1);
  const outputs = made.outputs.map((tensor) => ({ tensor, centred: false }));
  const exact = spread(samples.length, compared.length).map((at) => ({
    sample: samples[at] ?? [],
    watched: observed.outputs[at] ?? [],
  }));
  const { range, biasCorrection } = chosen;
  const ratio = fidelity(made, outputs, exact);
  return { graph: made, float, range, biasCorrection, decibels: ratio, wide, mixed };
}

/** Samples that each activation's own noise is measured on. */
const rankingSamples = 16;

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
  const trial = integerGraph(float, { ranges, edges: 'as-computed', means: null });
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
