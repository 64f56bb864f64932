import { type Graph, tensorAt } from '../graph/graph.ts';
import { type Expectation, fidelity, watchedOf } from './fidelity.ts';
import type { Range } from './histogram.ts';
import { integerGraph, type WideChoices } from './integer_graph.ts';
import type { Observed } from './observe.ts';
import type { ChosenRange, QuantizeOptions } from './options.ts';
import { rangeMethods, rangeOf } from './ranges.ts';
import { refineRanges, refiningSamples, sizeOf } from './refine_ranges.ts';
import { type Sample, spread } from './samples.ts';

/** An integer graph, and how its ranges and biases came about. */
export interface Settled {
  readonly graph: Graph;
  readonly range: ChosenRange;
  readonly biasCorrection: boolean;
}

/** Finds ranges and weights for a choice of activations in int16; absent: none. */
export interface Settler {
  /** The best of what was asked for, tensor by tensor where that is affordable. `tick` is given the part that is done. */
  readonly settle: (wide: WideChoices | undefined, tick: (part: number) => void) => Settled;
  /** The same in a part of the time: one range method for all tensors, chosen by few samples. */
  readonly quick: (wide: WideChoices | undefined) => Settled;
  /**
   * Signal to noise of what tells how true the network is, by few samples, ranges of least mean-squared error where none were
   * asked for, and weights to the nearest integer, in dB: to compare choices.
   */
  readonly rate: (wide: WideChoices | undefined) => number;
  /** The same of the outputs as they are. */
  readonly ofOutputs: (graph: Graph) => number;
}

interface Choice {
  readonly range: ChosenRange;
  readonly biasCorrection: boolean;
  readonly ranges: ReadonlyMap<number, Range>;
}

/** Work of one quick rating, in multiply-accumulates: a search makes dozens. */
const mostQuick = 8e7;
const fewestQuick = 4;
const mostQuickSamples = 16;

function quickSamples(graph: Graph): number {
  const samples = Math.floor(mostQuick / Math.max(1, sizeOf(graph).macs));
  return Math.max(fewestQuick, Math.min(mostQuickSamples, samples));
}

export function settlerOf(
  float: Graph,
  observed: Observed,
  samples: readonly Sample[],
  options: QuantizeOptions,
): Settler {
  const watched = watchedOf(float);
  const expected = (most: number, values: Observed['watched'] = observed.watched): Expectation[] =>
    spread(samples.length, most).map((at) => ({ sample: samples[at] ?? [], watched: values[at] ?? [] }));
  const make = (choice: Choice, fields: Observed['fields'], wide: WideChoices | undefined): Graph =>
    integerGraph(float, {
      ranges: choice.ranges,
      edges: options.edges,
      means: choice.biasCorrection ? observed.means : null,
      fields,
      ...(wide === undefined ? {} : { wide }),
    });
  const candidates = candidatesOf(options, observed);
  const rough = candidates.find(({ range }) => range === 'mse') ?? (candidates[0] as Choice);
  const most = comparedSamples(float, candidates.length);
  const compared = expected(most);
  const few = expected(Math.min(most, quickSamples(float)));
  const rate = (graph: Graph, trials: readonly Expectation[]) => fidelity(graph, watched, trials);
  const best = (wide: WideChoices | undefined, trials: readonly Expectation[]): Choice =>
    mostTrue(candidates, (choice) => rate(make(choice, new Map(), wide), trials));
  const settled = (choice: Choice, fields: Observed['fields'], wide: WideChoices | undefined): Settled => ({
    graph: make(choice, fields, wide),
    range: choice.range,
    biasCorrection: choice.biasCorrection,
  });
  return {
    settle(wide, tick) {
      let chosen = best(wide, compared);
      tick(0.3);
      const narrow = narrowOf(observed, make(chosen, new Map(), wide));
      const refining = options.range === 'auto' ? refiningSamples(float, narrow.size) : 0;
      if (refining > 0 && narrow.size > 0) {
        const base = chosen;
        const trials = expected(refining);
        const ranges = refineRanges(
          narrow,
          base.ranges,
          (each) => rate(make({ ...base, ranges: each }, new Map(), wide), trials),
          (part) => tick(0.3 + 0.6 * part),
        );
        chosen = { ...base, range: 'refined', ranges };
      }
      const fields = mostTrue([new Map(), observed.fields], (each) =>
        rate(make(chosen, each, wide), compared),
      );
      tick(1);
      return settled(chosen, fields, wide);
    },
    quick: (wide) => settled(best(wide, few), observed.fields, wide),
    rate: (wide) => rate(make(rough, new Map(), wide), few),
    ofOutputs: (graph) =>
      fidelity(
        graph,
        graph.outputs.map((tensor) => ({ tensor, centred: false })),
        expected(most, observed.outputs),
      ),
  };
}

/** What the ranges of int8 matter for. */
function narrowOf({ histograms }: Observed, graph: Graph): Observed['histograms'] {
  return new Map([...histograms].filter(([index]) => tensorAt(graph, index).type === 'int8'));
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
