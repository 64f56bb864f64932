import type { Prediction } from './predict.ts';
import type { AccuracyMetric } from './settings.ts';

/** One number for many samples. */
export interface Score {
  /** Percent for shares, else in units of the output. */
  readonly value: number;
  /** How many are right, where the value is just their share. */
  readonly correct: number | null;
}

/**
 * `truths`: the class of each sample (not read for mean errors). null where the samples cannot tell: none at all, or of
 * AUC only one of the two classes.
 */
export function score(
  metric: Exclude<AccuracyMetric, { readonly kind: 'script' }>,
  predictions: readonly Prediction[],
  truths: readonly number[],
): Score | null {
  if (predictions.length === 0) return null;
  switch (metric.kind) {
    case 'top': {
      const correct = predictions.filter(({ isRight }) => isRight === true).length;
      return { value: (100 * correct) / predictions.length, correct };
    }
    case 'f1':
      return { value: 100 * f1(predictions, truths, metric.positive), correct: null };
    case 'auc': {
      const area = areaUnderCurve(predictions, truths);
      return area === null ? null : { value: 100 * area, correct: null };
    }
    case 'mae':
    case 'mse':
      return {
        value: predictions.reduce((sum, { error }) => sum + error, 0) / predictions.length,
        correct: null,
      };
  }
}

/**
 * Harmonic mean of precision and recall: of one class, or the unweighted mean over the classes that are in the labels or
 * in the answers (scikit-learn's `average="macro"`).
 */
function f1(predictions: readonly Prediction[], truths: readonly number[], positive: number | null): number {
  const answered = new Map<number, number>();
  const present = new Map<number, number>();
  const right = new Map<number, number>();
  const count = (of: Map<number, number>, label: number) => of.set(label, (of.get(label) ?? 0) + 1);
  for (const [index, { answer }] of predictions.entries()) {
    const truth = truths[index] as number;
    count(answered, answer);
    count(present, truth);
    if (answer === truth) count(right, truth);
  }
  const of = (label: number): number => {
    const sum = (answered.get(label) ?? 0) + (present.get(label) ?? 0);
    return sum === 0 ? 0 : (2 * (right.get(label) ?? 0)) / sum;
  };
  if (positive !== null) return of(positive);
  // In order, so that the sum rounds the same way each time.
  const classes = [...new Set([...answered.keys(), ...present.keys()])].sort((a, b) => a - b);
  return classes.reduce((sum, label) => sum + of(label), 0) / classes.length;
}

/** The share of pairs, one sample of each class, in which the one of class 1 has the higher answer; equals count half. */
function areaUnderCurve(predictions: readonly Prediction[], truths: readonly number[]): number | null {
  const sorted = predictions
    .map(({ answer }, index) => ({ answer, truth: truths[index] as number }))
    .sort((a, b) => a.answer - b.answer);
  const positives = truths.filter((truth) => truth === 1).length;
  const negatives = truths.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let below = 0;
  let pairs = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end]?.answer === sorted[start]?.answer) end += 1;
    const equal = sorted.slice(start, end);
    const ones = equal.filter(({ truth }) => truth === 1).length;
    const zeros = equal.length - ones;
    pairs += ones * (below + zeros / 2);
    below += zeros;
    start = end;
  }
  return pairs / (positives * negatives);
}
