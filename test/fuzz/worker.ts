import { parentPort, workerData } from 'node:worker_threads';
import { startCoverage } from './coverage.ts';
import { maze } from './maze.ts';
import { mutate, randomOf } from './mutate.ts';
import { fuzzTargets, misbehaviour } from './targets.ts';

/** What the watching thread hands over. */
export interface FuzzWork {
  readonly target: string;
  readonly starts: readonly Uint8Array[];
  readonly seed: number;
  readonly milliseconds: number;
  readonly mostBytes: number;
  /** What runs now, for the watcher: [when it began, its length], then its bytes. */
  readonly clock: SharedArrayBuffer;
  readonly current: SharedArrayBuffer;
}

/** What the worker tells. `found`: an input that ran what no one before did. */
export type FuzzNews =
  | { readonly is: 'found'; readonly bytes: Uint8Array }
  | { readonly is: 'misbehaved'; readonly how: string; readonly bytes: Uint8Array }
  | { readonly is: 'done'; readonly runs: number; readonly blocks: number };

const work = workerData as FuzzWork;
const tell = (news: FuzzNews): void => parentPort?.postMessage(news);
const clock = new Float64Array(work.clock);
const current = new Uint8Array(work.current);

function main(): void {
  const target = fuzzTargets[work.target] ?? maze;
  const words = target.words.map((word) => new TextEncoder().encode(word));
  const coverage = startCoverage(target.code ?? '/src/');
  const seen = new Set<number>();
  const random = randomOf(work.seed);
  const corpus: Uint8Array[] = [];
  let runs = 0;
  const tryOut = (bytes: Uint8Array, isStart: boolean): boolean => {
    current.set(bytes);
    clock[1] = bytes.length;
    clock[0] = performance.now() + performance.timeOrigin;
    const how = misbehaviour(target, bytes);
    const memory = process.resourceUsage().maxRSS * 1024;
    clock[0] = 0;
    runs += 1;
    if (how !== null || memory > work.mostBytes) {
      tell({ is: 'misbehaved', how: how ?? `the process took ${Math.round(memory / 2 ** 20)} MiB`, bytes });
      return false;
    }
    const before = seen.size;
    for (const block of coverage.take()) seen.add(block);
    if (seen.size === before) return true;
    corpus.push(bytes);
    if (!isStart) tell({ is: 'found', bytes });
    return true;
  };
  let fine = work.starts.every((bytes) => tryOut(bytes, true));
  const end = performance.now() + work.milliseconds;
  while (fine && performance.now() < end) {
    // The newest finds are tried most: what is behind them is least known.
    const newest = random(2) === 0 ? Math.max(0, corpus.length - 16) : 0;
    const chosen = corpus[newest + random(corpus.length - newest)] ?? new Uint8Array();
    const other = corpus[random(corpus.length)] ?? new Uint8Array();
    fine = tryOut(mutate(chosen, random, other, words), false);
  }
  coverage.stop();
  tell({ is: 'done', runs, blocks: seen.size });
}

main();
