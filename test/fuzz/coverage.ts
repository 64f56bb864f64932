import { type Profiler, Session } from 'node:inspector';

/** Which blocks of the code run, and how often: V8's own block coverage of this thread. */
export interface Coverage {
  /** Blocks that ran since the last call, as numbers that mean "this block, about so many times". */
  take(): number[];
  stop(): void;
}

/** Follows the files whose URL has `code` in it. */
export function startCoverage(code: string): Coverage {
  const session = new Session();
  session.connect();
  const post = (method: string, parameters: object = {}): unknown => {
    let result: unknown;
    session.post(method, parameters, (error, answer) => {
      if (error !== null) throw error;
      result = answer;
    });
    return result;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const numbers = new Map<string, number>();
  return {
    take() {
      const { result } = post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType;
      const blocks: number[] = [];
      for (const { url, functions } of result) {
        if (!url.includes(code)) continue;
        for (const { ranges } of functions) {
          if (ranges[0]?.count === 0) continue;
          // A block that ran as often as the one around it has no range of its own: those that did not run tell the way too.
          for (const { startOffset, endOffset, count } of ranges) {
            const key = `${url}:${startOffset}:${endOffset}`;
            const number = numbers.get(key) ?? numbers.size;
            numbers.set(key, number);
            blocks.push(number * 8 + bucket(count));
          }
        }
      }
      return blocks;
    },
    stop: () => session.disconnect(),
  };
}

/** Loops that run twice as often are news, those that run once more are not (AFL's counter buckets). */
function bucket(count: number): number {
  return count === 0 ? 0 : Math.min(7, 1 + Math.floor(Math.log2(count)));
}
