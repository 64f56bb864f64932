/** Operators that multiply by constant weights: positions of their inputs, and the dimension of the weights that is the output channel. */
export interface Weighted {
  readonly input: number;
  readonly weights: number;
  readonly bias: number;
  readonly axis: number;
  /** One scale for each output channel; else one for all, as TensorFlow Lite's converter does for dense layers. */
  readonly perChannel: boolean;
}

const weighted: Readonly<Record<string, Weighted>> = {
  CONV_2D: { input: 0, weights: 1, bias: 2, axis: 0, perChannel: true },
  DEPTHWISE_CONV_2D: { input: 0, weights: 1, bias: 2, axis: 3, perChannel: true },
  TRANSPOSE_CONV: { input: 2, weights: 1, bias: 3, axis: 0, perChannel: true },
  FULLY_CONNECTED: { input: 0, weights: 1, bias: 2, axis: 0, perChannel: false },
};

export function weightedOf(kind: string): Weighted | null {
  return Object.hasOwn(weighted, kind) ? (weighted[kind] ?? null) : null;
}

/** The channel of each element of weights of this shape, row-major. */
export function channelsOf(
  shape: readonly number[],
  axis: number,
): { readonly of: (element: number) => number; readonly count: number } {
  const count = shape[axis] ?? 1;
  const inner = shape.slice(axis + 1).reduce((product, dimension) => product * dimension, 1);
  return { of: (element) => Math.floor(element / inner) % count, count };
}
