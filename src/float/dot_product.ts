/** Σ weights × values for the rows of a matrix, four rows at a time so that each value is read once for four products. */

/**
 * result[at + row] = clamp(bias[row] + Σ weights[row × length + k] × values[k]) for `rows` rows from `firstRow`.
 * All in double precision; the store rounds to float32.
 */
export function multiplyRows(
  weights: Float64Array,
  values: Float64Array,
  bias: Float64Array,
  result: Float32Array,
  at: number,
  firstRow: number,
  rows: number,
  low: number,
  high: number,
): void {
  const { length } = values;
  let row = firstRow;
  const end = firstRow + rows;
  let to = at;
  for (; row + 4 <= end; row += 4, to += 4) {
    const from0 = row * length;
    const from1 = from0 + length;
    const from2 = from1 + length;
    const from3 = from2 + length;
    let sum0 = bias[row] as number;
    let sum1 = bias[row + 1] as number;
    let sum2 = bias[row + 2] as number;
    let sum3 = bias[row + 3] as number;
    for (let k = 0; k < length; k++) {
      const value = values[k] as number;
      sum0 += value * (weights[from0 + k] as number);
      sum1 += value * (weights[from1 + k] as number);
      sum2 += value * (weights[from2 + k] as number);
      sum3 += value * (weights[from3 + k] as number);
    }
    result[to] = sum0 < low ? low : sum0 > high ? high : sum0;
    result[to + 1] = sum1 < low ? low : sum1 > high ? high : sum1;
    result[to + 2] = sum2 < low ? low : sum2 > high ? high : sum2;
    result[to + 3] = sum3 < low ? low : sum3 > high ? high : sum3;
  }
  for (; row < end; row++, to++) {
    const from = row * length;
    let sum = bias[row] as number;
    for (let k = 0; k < length; k++) sum += (values[k] as number) * (weights[from + k] as number);
    result[to] = sum < low ? low : sum > high ? high : sum;
  }
}
