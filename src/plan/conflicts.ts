/** Places for buffers of which some are never needed together. */

export interface Packing {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** Words are stored in some of them. */
const alignment = 4;

/**
 * Offsets for buffers of the given sizes, so that no two that are in one of `together` share a byte: the largest first,
 * each as low as it goes; then the same from every other buffer first, and the smallest result is taken.
 */
export function packBuffers(sizes: readonly number[], together: readonly (readonly number[])[]): Packing {
  const conflicts = sizes.map(() => new Set<number>());
  const seen = new Set<string>();
  for (const group of together) {
    const key = group.join(' ');
    if (seen.has(key)) continue;
    seen.add(key);
    for (const a of group) for (const b of group) if (a !== b) conflicts[a]?.add(b);
  }
  const used = sizes.flatMap((size, index) => (size > 0 ? [index] : []));
  const bySize = used.toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  const orders = [bySize, ...bySize.map((first) => [first, ...bySize.filter((each) => each !== first)])];
  return orders
    .map((order) => pack(sizes, conflicts, order))
    .reduce((best, each) => (each.bytes < best.bytes ? each : best));
}

function pack(
  sizes: readonly number[],
  conflicts: readonly ReadonlySet<number>[],
  order: readonly number[],
): Packing {
  const offsets = new Array<number>(sizes.length).fill(-1);
  let end = 0;
  for (const index of order) {
    const size = sizes[index] ?? 0;
    const taken = [...(conflicts[index] ?? [])]
      .filter((other) => (offsets[other] ?? -1) >= 0)
      .map((other) => ({ from: offsets[other] ?? 0, to: (offsets[other] ?? 0) + (sizes[other] ?? 0) }))
      .sort((a, b) => a.from - b.from);
    let offset = 0;
    for (const { from, to } of taken)
      if (offset + size > from && offset < to) offset = Math.ceil(to / alignment) * alignment;
    offsets[index] = offset;
    end = Math.max(end, offset + size);
  }
  return { offsets: offsets.map((offset) => Math.max(0, offset)), bytes: end };
}
