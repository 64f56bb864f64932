import type { ElementMap } from './movement.ts';

/** One dimension of a nest of loops: how often it runs, and how far input and output move with each step, in elements. */
export interface Loop {
  readonly extent: number;
  readonly inputStride: number;
  readonly outputStride: number;
}

/** Moves that nested loops make: element inputStart + Σ index × inputStride goes to outputStart + Σ index × outputStride. */
export interface Loops {
  readonly inputStart: number;
  readonly outputStart: number;
  /** Outermost first; dimensions that run together are one. */
  readonly loops: readonly Loop[];
}

/**
 * The loops that make exactly the moves of `map`, in the output's order, −1 left out; null when none do, or when
 * nothing moves. The longest even run is the innermost loop, the starts of the runs are moves themselves, and so
 * on: every element is looked at, so what comes out holds for the whole map.
 */
export function loopsOf(map: ElementMap): Loops | null {
  let to: Int32Array = Int32Array.from(map.keys()).filter((at) => (map[at] as number) >= 0);
  let from: Int32Array = map.filter((index) => index >= 0);
  const [inputStart, outputStart] = [from[0], to[0]];
  if (inputStart === undefined || outputStart === undefined) return null;
  const loops: Loop[] = [];
  while (from.length > 1) {
    const inputStride = stepAt(from, 1);
    const outputStride = stepAt(to, 1);
    const runsOn = (at: number) => stepAt(from, at) === inputStride && stepAt(to, at) === outputStride;
    let extent = 2;
    while (extent < from.length && runsOn(extent)) extent++;
    if (from.length % extent !== 0) return null;
    for (let at = 1; at < from.length; at++) if (at % extent !== 0 && !runsOn(at)) return null;
    loops.unshift({ extent, inputStride, outputStride });
    from = from.filter((_, at) => at % extent === 0);
    to = to.filter((_, at) => at % extent === 0);
  }
  return { inputStart, outputStart, loops };
}

function stepAt(indices: Int32Array, at: number): number {
  return (indices[at] as number) - (indices[at - 1] as number);
}

/** A map as runs of neighbours: output element (row, column, k) is input element rows[row] + columns[column] + k. */
export interface RunTables {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly length: number;
}

/** The longest runs, and the two smallest tables that say where they start. For a map without −1. */
export function runTablesOf(map: ElementMap): RunTables {
  let length = map.length;
  for (let at = 1; at < map.length; at++)
    if (stepAt(map, at) !== 1) length = greatestCommonDivisor(length, at);
  const starts = map.filter((_, at) => at % length === 0);
  let best = 1;
  for (let width = 2; width <= starts.length; width++) {
    const smaller = width + starts.length / width < best + starts.length / best;
    if (smaller && starts.length % width === 0 && isSumOfTables(starts, width)) best = width;
  }
  return {
    rows: starts.filter((_, at) => at % best === 0),
    columns: starts.slice(0, best).map((start) => start - (starts[0] as number)),
    length,
  };
}

/** Whether all rows of `width` starts are the first one, moved. */
function isSumOfTables(starts: Int32Array, width: number): boolean {
  return starts.every((start, at) => {
    const column = at % width;
    return start - (starts[at - column] as number) === (starts[column] as number) - (starts[0] as number);
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
