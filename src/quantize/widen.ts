import { DeployError } from '../errors.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import type { Histogram, Range } from './histogram.ts';
import type { WideChoices } from './integer_graph.ts';
import { isWithin, type LossBudget, lossOf, lossText, type Trial } from './loss.ts';
import type { ActivationTypes } from './options.ts';
import type { Settled, Settler } from './settle.ts';
import { groupsOf } from './ties.ts';

/** Which activations have sixteen bits: none, all, or as few as a loss budget takes. */

export interface WideActivation {
  /** Tensor index in the float graph. */
  readonly tensor: number;
  readonly name: string;
  /** The operator that writes it; null for an input of the graph. */
  readonly kind: string | null;
  /** Signal to noise of the network where it alone has eight bits and all others sixteen, in dB. */
  readonly decibels: number;
}

/** What mixed precision was asked for, and what came of it. */
export interface MixedOutcome {
  readonly budget: LossBudget;
  /** Losses in the budget's unit: all activations in int8; as chosen. */
  readonly int8: number;
  readonly chosen: number;
  /** How many samples they are measured on, and whether these have labels. */
  readonly samples: number;
  readonly labelled: boolean;
  /** Activations that could have sixteen bits. */
  readonly activations: number;
}

export interface Widening {
  readonly float: Graph;
  readonly budget: LossBudget;
  /** Of int16, by tensor index. */
  readonly ranges: WideChoices['ranges'];
  readonly settler: Settler;
  readonly trials: () => readonly Trial[];
  /** Is given the part that is done. */
  readonly tick: (part: number) => void;
}

export interface Widened extends Settled {
  /** The one that would bring the most noise in eight bits first. */
  readonly wide: readonly WideActivation[];
  /** Only where mixed precision was asked for. */
  readonly mixed: MixedOutcome | null;
}

/** Throws DeployError (kind `input`) where no choice keeps the budget of mixed precision. */
export function widen(activations: ActivationTypes, widening: Widening): Widened {
  const { budget, settler, tick } = widening;
  const inParts = (from: number, to: number) => (part: number) => tick(from + (to - from) * part);
  if (activations === 'int8') return { ...settler.settle(undefined, tick), wide: [], mixed: null };
  const candidates = candidatesOf(widening);
  if (activations === 'int16') {
    const settled = settler.settle(choicesOf(widening, candidates), inParts(0, 0.5));
    return { ...settled, wide: rank(widening, candidates, inParts(0.5, 1)), mixed: null };
  }
  const narrow = settler.settle(undefined, inParts(0, 0.5));
  const trials = widening.trials();
  const lossIn = ({ graph }: Settled) => lossOf(graph, budget.unit, trials);
  const quickLoss = (tensors: readonly number[]) => lossIn(settler.quick(choicesOf(widening, tensors)));
  const int8 = lossIn(narrow);
  const outcome = {
    budget,
    int8,
    samples: trials.length,
    labelled: trials.some(({ label }) => label !== null),
    activations: candidates.length,
  };
  if (isWithin(int8, budget)) return { ...narrow, wide: [], mixed: { ...outcome, chosen: int8 } };
  const least = quickLoss(candidates);
  if (!isWithin(least, budget)) throw outOfReach(widening, int8, least);
  const ranked = rank(widening, candidates, inParts(0.5, 0.7));
  const isEnough = (tensors: readonly number[]) => isWithin(quickLoss(tensors), budget);
  const wide = fewest(ranked, isEnough, inParts(0.7, 0.9));
  const choices = choicesOf(
    widening,
    wide.map(({ tensor }) => tensor),
  );
  const settled = settler.settle(choices, inParts(0.9, 1));
  // What made the answers truer on some samples may have cost one of the others.
  const made = isWithin(lossIn(settled), budget) ? settled : settler.quick(choices);
  return { ...made, wide, mixed: { ...outcome, chosen: lossIn(made) } };
}

function choicesOf({ ranges }: Widening, tensors: readonly number[]): WideChoices | undefined {
  return tensors.length === 0 ? undefined : { tensors: new Set(tensors), ranges };
}

/** The first source of each group that int16 can write. */
function candidatesOf(widening: Widening): readonly number[] {
  const { float, settler, ranges } = widening;
  const { graph } = settler.quick(choicesOf(widening, [...ranges.keys()]));
  return [...new Set(groupsOf(float).values())]
    .map(({ sources }) => sources.find((index) => tensorAt(graph, index).type === 'int16'))
    .filter((index) => index !== undefined);
}

/** By the noise that each alone brings in eight bits, all others having sixteen, the most first. */
function rank(
  widening: Widening,
  candidates: readonly number[],
  tick: (part: number) => void,
): readonly WideActivation[] {
  const { float, settler } = widening;
  const measured = candidates.map((tensor, position) => {
    const others = candidates.filter((each) => each !== tensor);
    const decibels = settler.rate(choicesOf(widening, others));
    const kind = float.operators.find(({ outputs }) => outputs.includes(tensor))?.kind ?? null;
    tick((position + 1) / candidates.length);
    return { tensor, name: tensorAt(float, tensor).name, kind, decibels };
  });
  return measured.toSorted((a, b) => a.decibels - b.decibels || a.tensor - b.tensor);
}

/** Trials of leaving one out again, from the one that brings the least noise. */
const mostPruned = 12;

/**
 * As many of the ranked activations as it takes, then without those of them that were not needed. All of them are enough,
 * none is not; more lose less, so that halving finds how many.
 */
function fewest(
  ranked: readonly WideActivation[],
  isEnough: (tensors: readonly number[]) => boolean,
  tick: (part: number) => void,
): readonly WideActivation[] {
  const suffice = (activations: readonly WideActivation[]) =>
    isEnough(activations.map(({ tensor }) => tensor));
  let [tooFew, enough] = [0, ranked.length];
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1;
    if (suffice(ranked.slice(0, middle))) enough = middle;
    else tooFew = middle;
  }
  tick(0.5);
  let wide = ranked.slice(0, enough);
  for (const one of wide.slice(0, -1).toReversed().slice(0, mostPruned)) {
    const others = wide.filter((each) => each !== one);
    if (suffice(others)) wide = others;
  }
  tick(1);
  return wide;
}

function outOfReach({ float, budget: { unit, value } }: Widening, int8: number, most: number): DeployError {
  const [atMost, now, wanted] = [most, int8, value].map((loss) => lossText(loss, unit));
  const what =
    unit === 'decibels'
      ? `Quantizing keeps ${atMost} of signal to noise at most, with all activations in int16 (${now} in int8), less than the ${wanted} of \`max-loss\`.`
      : `Quantizing loses ${atMost} at least, with all activations in int16 (${now} in int8), more than the ${wanted} of \`max-loss\`.`;
  return new DeployError(
    'input',
    what,
    { file: float.source.file },
    'Weights are int8 all the same: allow more under `quantize: max-loss:`, calibrate with more data, or train with quantization.',
  );
}

/** Part of the largest value that calibration saw: sixteen bits have steps to spare for larger ones. */
const headroom = 1.25;

/** What int16 spans for each tensor. */
export function wideRanges(histograms: ReadonlyMap<number, Histogram>): ReadonlyMap<number, Range> {
  return new Map(
    [...histograms].map(([index, { min, max }]) => [
      index,
      { low: headroom * Math.min(0, min), high: headroom * Math.max(0, max) },
    ]),
  );
}
