/** Signal to quantization noise, summed over as many tensors as one likes. */
export interface SignalToNoise {
  signal: number;
  noise: number;
}

export function addNoise(sum: SignalToNoise, exact: ArrayLike<number>, rounded: ArrayLike<number>): void {
  for (let at = 0; at < exact.length; at++) {
    const value = exact[at] as number;
    const error = value - (rounded[at] as number);
    sum.signal += value * value;
    sum.noise += error * error;
  }
}

/** 10 log₁₀ (Σ signal² ÷ Σ error²): Infinity without error, −Infinity without signal. */
export function decibels({ signal, noise }: SignalToNoise): number {
  if (noise === 0) return Infinity;
  return 10 * Math.log10(signal / noise);
}
