import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { maze } from './maze.ts';
import { fuzzTargets } from './targets.ts';
import type { FuzzNews, FuzzWork } from './worker.ts';

/**
 * A coverage-guided fuzzer for readers of strangers' bytes: inputs that run a block of src/ for the first time, or much
 * more often, are kept and changed further. The libraries for Node that do this need a newer C library than the systems
 * have that this project supports, or are no longer kept.
 */

const slowestMs = 5_000;
const mostMemory = 2 ** 30;
const largestInput = 256 * 1024;

const here = fileURLToPath(new URL('.', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

export interface FuzzResult {
  readonly runs: number;
  /** Blocks of the source, each with about how often it ran. */
  readonly blocks: number;
  /** Inputs that ran something new, in the order of finding. */
  readonly found: readonly Uint8Array[];
  /** The first input that the target neither took nor refused in one sentence, and what happened. */
  readonly finding: { readonly how: string; readonly bytes: Uint8Array } | null;
}

/** The committed inputs of a target by file name: what was found once and is to be run in every test. */
export function corpusOf(target: string): ReadonlyMap<string, Uint8Array> {
  const folder = join(here, 'corpus', target);
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
  );
}

export async function fuzz(
  target: string,
  { seed, milliseconds }: { readonly seed: number; readonly milliseconds: number },
): Promise<FuzzResult> {
  const seeds = (fuzzTargets[target] ?? maze).seeds;
  const starts = [
    ...seeds.map((name) => new Uint8Array(readFileSync(join(fixtures, name)))),
    ...corpusOf(target).values(),
  ];
  const work: FuzzWork = {
    target,
    starts: starts.length === 0 ? [new Uint8Array(8)] : starts,
    seed,
    milliseconds,
    mostBytes: mostMemory,
    clock: new SharedArrayBuffer(16),
    current: new SharedArrayBuffer(largestInput),
  };
  const clock = new Float64Array(work.clock);
  const running = (): Uint8Array => new Uint8Array(work.current).slice(0, clock[1]);
  const found: Uint8Array[] = [];
  let finding: FuzzResult['finding'] = null;
  let done = { runs: 0, blocks: 0 };
  const worker = new Worker(join(here, 'worker.ts'), { workerData: work });
  const watch = setInterval(() => {
    const began = clock[0] ?? 0;
    if (began === 0 || Date.now() - began < slowestMs) return;
    finding ??= { how: `ran for more than ${slowestMs / 1000} s`, bytes: running() };
    void worker.terminate();
  }, 250);
  await new Promise<void>((resolve) => {
    worker.on('message', (news: FuzzNews) => {
      if (news.is === 'found') found.push(news.bytes);
      else if (news.is === 'misbehaved') finding ??= { how: news.how, bytes: news.bytes };
      else done = news;
    });
    worker.on('error', (error) => {
      finding ??= { how: `ended the thread: ${error.message}`, bytes: running() };
    });
    worker.on('exit', () => resolve());
  });
  clearInterval(watch);
  return { ...done, found, finding };
}
