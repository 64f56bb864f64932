import pLimit from 'p-limit';

/** Runs work when there is room for it. One of these bounds everything that runs side by side, whoever started it. */
export type Slots = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function slots(count: number): Slots {
  const limit = pLimit(count);
  return (work) => limit(work);
}
