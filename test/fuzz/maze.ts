import type { FuzzTarget } from './targets.ts';

/** A reader that never ends behind eight turns, each right once in eight: a fuzzer that does not follow coverage needs 2^24 tries. */
export const maze: FuzzTarget = {
  run(bytes) {
    if (((bytes[0] ?? 0) & 7) !== 5) return;
    if (((bytes[1] ?? 0) & 7) !== 3) return;
    if (((bytes[2] ?? 0) & 7) !== 6) return;
    if (((bytes[3] ?? 0) & 7) !== 1) return;
    if (((bytes[4] ?? 0) & 7) !== 7) return;
    if (((bytes[5] ?? 0) & 7) !== 2) return;
    if (((bytes[6] ?? 0) & 7) !== 4) return;
    if (((bytes[7] ?? 0) & 7) !== 5) return;
    for (;;);
  },
  seeds: [],
  words: [],
  code: '/test/fuzz/maze.ts',
};
