/** Where each buffer of the tensor arena lives: best-fit over lifetimes. */

/** Bytes that are needed from one step to another, both inclusive. */
export interface Lifetime {
  readonly label: string;
  readonly bytes: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

export interface Placement {
  /** One per lifetime, in the order given. */
  readonly offsets: readonly number[];
  /** Bytes of the whole arena. */
  readonly bytes: number;
}

/**
 * Places buffers so that no two that live at the same step share a byte. Each is put into the tightest gap that
 * holds it, several orders are tried, and the smallest arena wins (greedy by size, after Pisarchyk and Lee,
 * "Efficient Memory Management for Deep Neural Net Inference", 2020).
 */
export function placeBuffers(lifetimes: readonly Lifetime[], alignment: number): Placement {
  const bySize = (a: Lifetime, b: Lifetime): number => b.bytes - a.bytes;
  const byLength = (a: Lifetime, b: Lifetime): number =>
    b.lastStep - b.firstStep - (a.lastStep - a.firstStep);
  const byStart = (a: Lifetime, b: Lifetime): number => a.firstStep - b.firstStep;
  const orders = [
    [bySize, byStart],
    [byLength, bySize],
    [byStart, bySize],
  ];
  const placements = orders.map((criteria) =>
    placeInOrder(lifetimes, sortedIndices(lifetimes, criteria), alignment),
  );
  return placements.reduce((best, next) => (next.bytes < best.bytes ? next : best));
}

/** The most bytes alive at one step: no placement can be smaller. */
export function lowerBound(lifetimes: readonly Lifetime[], alignment: number): number {
  const steps = lifetimes.flatMap(({ firstStep, lastStep }) => [firstStep, lastStep]);
  const alive = (step: number): number =>
    lifetimes
      .filter(({ firstStep, lastStep }) => firstStep <= step && step <= lastStep)
      .reduce((sum, { bytes }) => sum + roundUp(bytes, alignment), 0);
  return Math.max(0, ...steps.map(alive));
}

type Criterion = (a: Lifetime, b: Lifetime) => number;

function sortedIndices(lifetimes: readonly Lifetime[], criteria: readonly Criterion[]): number[] {
  const compare = (a: Lifetime, b: Lifetime): number =>
    criteria.reduce((order, criterion) => (order === 0 ? criterion(a, b) : order), 0);
  return lifetimes
    .map((lifetime, index) => ({ lifetime, index }))
    .sort((a, b) => compare(a.lifetime, b.lifetime) || a.index - b.index)
    .map(({ index }) => index);
}

function placeInOrder(
  lifetimes: readonly Lifetime[],
  order: readonly number[],
  alignment: number,
): Placement {
  const offsets: number[] = lifetimes.map(() => 0);
  const placed: { offset: number; end: number; lifetime: Lifetime }[] = [];
  for (const index of order) {
    const lifetime = lifetimes[index];
    if (lifetime === undefined) continue;
    const neighbours = placed
      .filter(({ lifetime: other }) => overlap(lifetime, other))
      .sort((a, b) => a.offset - b.offset);
    const offset = tightestGap(neighbours, lifetime.bytes, alignment);
    offsets[index] = offset;
    placed.push({ offset, end: offset + lifetime.bytes, lifetime });
  }
  return { offsets, bytes: roundUp(Math.max(0, ...placed.map(({ end }) => end)), alignment) };
}

function tightestGap(
  neighbours: readonly { readonly offset: number; readonly end: number }[],
  bytes: number,
  alignment: number,
): number {
  let best: { offset: number; slack: number } | null = null;
  let free = 0;
  for (const { offset, end } of neighbours) {
    const slack = offset - free - bytes;
    if (slack >= 0 && (best === null || slack < best.slack)) best = { offset: free, slack };
    free = Math.max(free, roundUp(end, alignment));
  }
  return best === null ? free : best.offset;
}

function overlap(a: Lifetime, b: Lifetime): boolean {
  return a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
}

function roundUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
