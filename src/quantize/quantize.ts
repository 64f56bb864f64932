import { DeployError } from '../errors.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate.ts';
import { checkOperators } from '../operators/check.ts';
import { watchedOf } from './fidelity.ts';
import { fuseActivations } from './fuse_activations.ts';
import { integerGraph } from './integer_graph.ts';
import { defaultBudget, type LabelledSample } from './loss.ts';
import { type Observed, observe } from './observe.ts';
import { type ChosenRange, defaultOptions, type QuantizeOptions } from './options.ts';
import { realGraph } from './real_graph.ts';
import { sizeOf } from './refine_ranges.ts';
import type { Sample } from './samples.ts';
import { settlerOf } from './settle.ts';
import { streamed } from './streamed.ts';
import { trialsOf } from './trials.ts';
import { type MixedOutcome, type WideActivation, widen, wideRanges } from './widen.ts';

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
  onProgress(0);
  const observed = observe(float, watchedOf(float), samples, (part) => onProgress(0.4 * part));
  requireNumbers(float, observed);
  const settler = settlerOf(float, observed, samples, options);
  const {
    graph: made,
    range,
    biasCorrection,
    wide,
    mixed,
  } = widen(activations, {
    float,
    budget: options.maxLoss ?? defaultBudget(labelled.length > 0),
    ranges: wideRanges(observed.histograms),
    settler,
    trials: () => trialsOf(float, observed.outputs, samples, labelled),
    tick: (part) => onProgress(0.4 + 0.6 * part),
  });
  validateGraph(made);
  checkOperators(made);
  onProgress(1);
  const decibels = settler.ofOutputs(made);
  return { graph: made, float, range, biasCorrection, decibels, wide, mixed };
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
