import { elementCount, type Graph, tensorAt } from '../graph/graph.ts';
import type { Histogram, Range } from './histogram.ts';
import { rangeMethods, rangeOf } from './ranges.ts';
import { weightedOf } from './weighted.ts';

/** Multiply-accumulates that all trials together may take: a few seconds. */
const mostWork = 4e9;
/** What writing a graph anew costs, in multiply-accumulates for each weight. */
const workPerWeight = 50;
/** What one more operator costs for each sample, in multiply-accumulates: networks of many small ones. */
const workPerOperator = 1000;
const mostSamples = 32;
/** Fewer would be tuned to, not tuned by. */
const fewestSamples = 8;
/** A gain below this is chance. */
const leastGain = 0.02;

/** What each end of a tensor's whole range is tried at, besides the ranges of the other methods. */
const lowShares = [0.9, 0.75, 0.5];
const highShares = [0.9, 0.8];

/** Multiply-accumulates of one inference, and weights. */
export function sizeOf(graph: Graph): { readonly macs: number; readonly weights: number } {
  let [macs, weights] = [0, 0];
  for (const { kind, inputs, outputs } of graph.operators) {
    const weighted = weightedOf(kind);
    if (weighted === null) continue;
    const { shape } = tensorAt(graph, inputs[weighted.weights] ?? -1);
    const perOutput = elementCount(shape) / (shape[weighted.axis] ?? 1);
    macs += elementCount(tensorAt(graph, outputs[0] ?? -1).shape) * perOutput;
    weights += elementCount(shape);
  }
  return { macs, weights };
}

/** How many samples each trial may take for a graph with so many tensors; 0: too few to refine by. */
export function refiningSamples(graph: Graph, tensors: number): number {
  const { macs, weights } = sizeOf(graph);
  const trials = tensors * (rangeMethods.length - 1 + lowShares.length + highShares.length);
  const work = macs + workPerOperator * graph.operators.length;
  const samples = Math.floor((mostWork / trials - workPerWeight * weights) / Math.max(1, work));
  return samples < fewestSamples ? 0 : Math.min(mostSamples, samples);
}

/**
 * Goes through the tensors in the order of execution and gives each the range with which the whole network is truest, by
 * `rate` (dB); a tensor's own error says little of what the layers behind it make of it.
 */
export function refineRanges(
  histograms: ReadonlyMap<number, Histogram>,
  start: ReadonlyMap<number, Range>,
  rate: (ranges: ReadonlyMap<number, Range>) => number,
  tick: (part: number) => void,
): ReadonlyMap<number, Range> {
  let best = start;
  let most = rate(start);
  let done = 0;
  for (const [index, histogram] of histograms) {
    const whole = rangeOf('min-max', histogram);
    const now = best.get(index) ?? whole;
    const tried = new Set([`${now.low} ${now.high}`]);
    const trials = [
      ...rangeMethods.map((method) => rangeOf(method, histogram)),
      ...(whole.low < 0 ? lowShares.map((share) => ({ low: share * whole.low, high: now.high })) : []),
      ...highShares.map((share) => ({ low: now.low, high: share * whole.high })),
    ];
    for (const trial of trials) {
      const key = `${trial.low} ${trial.high}`;
      if (tried.has(key)) continue;
      tried.add(key);
      const ranges = new Map(best).set(index, trial);
      const decibels = rate(ranges);
      if (decibels < most + leastGain) continue;
      best = ranges;
      most = decibels;
    }
    tick(++done / histograms.size);
  }
  return best;
}
