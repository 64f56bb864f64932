import type { EdgeType } from './integer_graph.ts';
import type { LossBudget } from './loss.ts';
import type { RangeMethod } from './ranges.ts';

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
