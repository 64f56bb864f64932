/** What `accuracy:` of a model in tinyml.yml says, defaults filled in. */

export type AccuracyMetric =
  /** Share of samples whose right class is among the k that the model thinks likeliest. */
  | { readonly kind: 'top'; readonly k: number }
  /** Of one class, or the mean over all classes. */
  | { readonly kind: 'f1'; readonly positive: number | null }
  /** Area under the receiver operating characteristic: labels 0 (normal) and 1. */
  | { readonly kind: 'auc' }
  /** Mean absolute, and mean squared, difference between outputs and labels. */
  | { readonly kind: 'mae' }
  | { readonly kind: 'mse' }
  /** The user's own program. */
  | { readonly kind: 'script'; readonly command: readonly string[]; readonly timeLimitSeconds: number };

export interface AccuracySettings {
  /** null: by the labels. */
  readonly metric: AccuracyMetric | null;
  /** How many samples are scored, spread evenly over the test data; null: all. */
  readonly samples: number | null;
  /** An answer that is a value counts as another one when it differs by more than this, in units of the output. */
  readonly tolerance: number;
}

export const defaultAccuracy: AccuracySettings = { metric: null, samples: null, tolerance: 0 };

export const defaultScriptSeconds = 300;

/** As reports call it: `top-1`, `F1 of class 2`. */
export function metricName(metric: Exclude<AccuracyMetric, { readonly kind: 'script' }>): string {
  switch (metric.kind) {
    case 'top':
      return `top-${metric.k}`;
    case 'f1':
      return metric.positive === null ? 'macro F1' : `F1 of class ${metric.positive}`;
    case 'auc':
      return 'AUC';
    case 'mae':
      return 'mean absolute error';
    case 'mse':
      return 'mean squared error';
  }
}

/** True where it is a share of 1, which reports show in percent; false where it is in units of the output. */
export function isShare({ kind }: AccuracyMetric): boolean {
  return kind === 'top' || kind === 'f1' || kind === 'auc';
}
