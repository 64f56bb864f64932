/** One calibration sample: the elements of each graph input, row-major. */
export type Sample = readonly Float32Array[];

/** Positions of at most `most` of `count` samples, spread evenly. */
export function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * count) / taken));
}
