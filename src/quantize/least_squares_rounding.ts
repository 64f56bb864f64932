import type { FieldStatistics } from './fields.ts';

/** Rounds over a row of weights; the first makes nearly all of the gain. */
const passes = 3;

/** Part of the mean variance added to each input's own: what a few samples did not show is not relied on. */
const regularization = 0.01;

/** No weight goes farther than this from its real value, in steps. */
const farthest = 1;

/**
 * Rows of weights rounded so that the errors of inputs that vary together cancel: coordinate descent on
 * E[(Σ (weight − integer × step) × x)²] from the nearest integers, one weight up or down by one at a time.
 * `steps`: weights [rows][size] divided by their row's scale. With `centred`, only the variance counts: the bias makes up
 * for the mean.
 */
export function roundRows(
  steps: Float64Array,
  { size, mean, moments }: FieldStatistics,
  centred: boolean,
): Int8Array {
  const matrix = moments.slice();
  if (centred)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        matrix[row * size + column] =
          (matrix[row * size + column] as number) - (mean[row] as number) * (mean[column] as number);
  let trace = 0;
  for (let k = 0; k < size; k++) trace += matrix[k * size + k] as number;
  for (let k = 0; k < size; k++)
    matrix[k * size + k] = (matrix[k * size + k] as number) + (regularization * trace) / size;

  const integers = Int8Array.from(steps, (step) => Math.max(-127, Math.min(127, Math.round(step))));
  // Σ matrix[k][j] × (integer[j] − step[j]): half of the slope of the error along weight k.
  const slope = new Float64Array(size);
  for (let from = 0; from < steps.length; from += size) {
    slope.fill(0);
    for (let j = 0; j < size; j++) {
      const error = (integers[from + j] as number) - (steps[from + j] as number);
      if (error === 0) continue;
      for (let k = 0; k < size; k++)
        slope[k] = (slope[k] as number) + error * (matrix[j * size + k] as number);
    }
    for (let pass = 0; pass < passes; pass++) {
      let moved = false;
      for (let k = 0; k < size; k++) {
        const rise = slope[k] as number;
        const direction = rise > 0 ? -1 : 1;
        const to = (integers[from + k] as number) + direction;
        // The error changes by 2 × direction × slope + curvature.
        if (2 * Math.abs(rise) <= (matrix[k * size + k] as number)) continue;
        if (to < -127 || to > 127 || Math.abs(to - (steps[from + k] as number)) > farthest) continue;
        integers[from + k] = to;
        moved = true;
        for (let j = 0; j < size; j++)
          slope[j] = (slope[j] as number) + direction * (matrix[k * size + j] as number);
      }
      if (!moved) break;
    }
  }
  return integers;
}
