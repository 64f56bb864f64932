/** Where each buffer of the tensor arena lives: best-fit over lifetimes, outputs over dying inputs. */

/** Bytes that are needed from one step to another, both inclusive. */
export interface Lifetime {
  readonly label: string;
  readonly bytes: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

/** An output that may lie over the input which dies at its step, by the distances of the kernel between them. */
export interface Overlap {
  /** Indices of lifetimes. */
  readonly input: number;
  readonly output: number;
  /** Input start − output start at least this: walk forwards. */
  readonly forwards: number;
  /** Output start − input start at least this: walk backwards; null where the kernel can't. */
  readonly backwards: number | null;
}

export interface Placement {
  /** One per lifetime, in the order given. */
  readonly offsets: readonly number[];
  /** Bytes of the whole arena. */
  readonly bytes: number;
}

/** Orders tried beyond the fixed ones; the search is deterministic. */
const searchSteps = 2000;

/**
 * Places buffers so that no two that live at the same step share a byte, overlaps aside. Each is put into the tightest
 * gap that holds it; fixed orders first (greedy by size, after Pisarchyk and Lee, "Efficient Memory Management for
 * Deep Neural Net Inference", 2020), then a seeded local search over orders until the lower bound is met.
 */
export function placeBuffers(
  lifetimes: readonly Lifetime[],
  alignment: number,
  overlaps: readonly Overlap[] = [],
): Placement {
  const bySize: Criterion = (a, b) => b.bytes - a.bytes;
  const byLength: Criterion = (a, b) => b.lastStep - b.firstStep - (a.lastStep - a.firstStep);
  const byStart: Criterion = (a, b) => a.firstStep - b.firstStep;
  const orders = [
    [bySize, byStart],
    [byLength, bySize],
    [byStart, bySize],
  ].map((criteria) => sortedIndices(lifetimes, criteria));
  const place = placer(lifetimes, alignment, overlaps);
  let best = orders.map((order) => ({ order, placement: place(order) })).reduce(smaller);
  const bound = lowerBound(lifetimes, alignment, overlaps);
  const random = generator(1);
  for (let step = 0; step < searchSteps && best.placement.bytes > bound; step += 1) {
    const order = [...best.order];
    const [moved] = order.splice(random(order.length), 1);
    if (moved !== undefined) order.splice(random(order.length + 1), 0, moved);
    const placement = place(order);
    // An equal one is taken too: it leads the search across plateaus.
    if (placement.bytes <= best.placement.bytes) best = { order, placement };
  }
  return best.placement;
}

function smaller<Candidate extends { readonly placement: Placement }>(a: Candidate, b: Candidate): Candidate {
  return b.placement.bytes < a.placement.bytes ? b : a;
}

/** The most bytes alive at one step: no placement can be smaller. Overlapping buffers count by the larger of them. */
export function lowerBound(
  lifetimes: readonly Lifetime[],
  alignment: number,
  overlaps: readonly Overlap[] = [],
): number {
  const steps = new Set(lifetimes.flatMap(({ firstStep, lastStep }) => [firstStep, lastStep]));
  const alive = (step: number): number => {
    const here = new Set(lifetimes.flatMap((each, index) => (lives(each, step) ? [index] : [])));
    const shared = overlaps
      .filter(({ input, output }) => here.has(input) && here.has(output))
      .reduce((sum, { input, output }) => {
        const smallest = Math.min(lifetimes[input]?.bytes ?? 0, lifetimes[output]?.bytes ?? 0);
        return sum + roundUp(smallest, alignment);
      }, 0);
    return (
      [...here].reduce((sum, index) => sum + roundUp(lifetimes[index]?.bytes ?? 0, alignment), 0) - shared
    );
  };
  return Math.max(0, ...[...steps].map(alive));
}

type Criterion = (a: Lifetime, b: Lifetime) => number;

function lives({ firstStep, lastStep }: Lifetime, step: number): boolean {
  return firstStep <= step && step <= lastStep;
}

function sortedIndices(lifetimes: readonly Lifetime[], criteria: readonly Criterion[]): number[] {
  const compare = (a: Lifetime, b: Lifetime): number =>
    criteria.reduce((order, criterion) => (order === 0 ? criterion(a, b) : order), 0);
  return lifetimes
    .map((lifetime, index) => ({ lifetime, index }))
    .sort((a, b) => compare(a.lifetime, b.lifetime) || a.index - b.index)
    .map(({ index }) => index);
}

/** Offsets that are closed to a buffer: open interval. */
type Closed = readonly [after: number, before: number];

/** Places in a given order; neighbours and overlaps are looked up once. */
function placer(
  lifetimes: readonly Lifetime[],
  alignment: number,
  overlaps: readonly Overlap[],
): (order: readonly number[]) => Placement {
  const neighbours = lifetimes.map((a) =>
    lifetimes.flatMap((b, index) =>
      a !== b && a.firstStep <= b.lastStep && b.firstStep <= a.lastStep ? [index] : [],
    ),
  );
  const pairs = new Map(overlaps.flatMap((each) => [[key(each.input, each.output), each]]));
  return (order) => {
    const offsets = new Array<number>(lifetimes.length).fill(-1);
    let end = 0;
    for (const index of order) {
      const bytes = lifetimes[index]?.bytes ?? 0;
      const closed: Closed[] = (neighbours[index] ?? [])
        .filter((other) => (offsets[other] ?? -1) >= 0)
        .flatMap((other) =>
          closedBy(index, bytes, other, offsets[other] ?? 0, lifetimes[other]?.bytes ?? 0, pairs),
        );
      const offset = lowestOpen(closed, alignment);
      offsets[index] = offset;
      end = Math.max(end, offset + bytes);
    }
    return { offsets, bytes: roundUp(end, alignment) };
  };
}

function key(input: number, output: number): string {
  return `${input} ${output}`;
}

/** Where a buffer of `bytes` may not start beside one that lies at `at`. */
function closedBy(
  index: number,
  bytes: number,
  other: number,
  at: number,
  otherBytes: number,
  pairs: ReadonlyMap<string, Overlap>,
): Closed[] {
  const apart: Closed = [at - bytes, at + otherBytes];
  const asOutput = pairs.get(key(other, index));
  const asInput = pairs.get(key(index, other));
  if (asOutput !== undefined)
    // Forwards: start ≤ at − forwards. Backwards: start ≥ at + backwards.
    return [
      [
        Math.max(apart[0], at - asOutput.forwards),
        Math.min(apart[1], at + (asOutput.backwards ?? Number.POSITIVE_INFINITY)),
      ],
    ];
  if (asInput !== undefined)
    // The mirror image: start ≥ at + forwards, or start ≤ at − backwards.
    return [
      [
        Math.max(apart[0], at - (asInput.backwards ?? Number.POSITIVE_INFINITY)),
        Math.min(apart[1], at + asInput.forwards),
      ],
    ];
  return [apart];
}

function lowestOpen(closed: readonly Closed[], alignment: number): number {
  let offset = 0;
  const sorted = closed.filter(([after, before]) => after < before).sort((a, b) => a[0] - b[0]);
  for (let moved = true; moved; ) {
    moved = false;
    for (const [after, before] of sorted)
      if (offset > after && offset < before) {
        offset = roundUp(before, alignment);
        moved = true;
      }
  }
  return offset;
}

/** Numerical Recipes' linear congruential generator: the same numbers on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function roundUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
