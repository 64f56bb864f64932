import type { ArenaBuffer } from '../measurement.ts';

/** The moment at which the most of the arena is in use. */
export interface ArenaPeak {
  /** Position of a layer; -1 before the first one, the number of layers after the last one. */
  readonly step: number;
  readonly bytes: number;
}

/** The first step of the fullest. */
export function arenaPeak(arena: readonly ArenaBuffer[], layers: number): ArenaPeak {
  let peak: ArenaPeak = { step: -1, bytes: 0 };
  for (let step = -1; step <= layers; step++) {
    const bytes = bytesInUse(arena, step);
    if (bytes > peak.bytes) peak = { step, bytes };
  }
  return peak;
}

/** Bytes that at least one buffer needs at a step: an output that runs over its input shares some with it. */
export function bytesInUse(arena: readonly ArenaBuffer[], step: number): number {
  const alive = arena
    .filter(({ firstStep, lastStep }) => firstStep <= step && step <= lastStep)
    .toSorted((a, b) => a.offset - b.offset);
  let end = 0;
  let used = 0;
  for (const { offset, bytes } of alive) {
    used += Math.max(0, offset + bytes - Math.max(end, offset));
    end = Math.max(end, offset + bytes);
  }
  return used;
}
