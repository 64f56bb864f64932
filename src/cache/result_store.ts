/**
 * Keeps results from run to run, each under the hash of all that decides it. What a store brings back is untrusted, and
 * is checked by whoever asked. A store that fails is as good as none.
 */
export interface ResultStore {
  /** What was saved under this very key; null when there is nothing. */
  restore(key: string): Promise<Uint8Array | null>;
  /** '' or one sentence that says why it was not kept. */
  save(key: string, entry: Uint8Array): Promise<string>;
}

/** More than any result takes: a library with its firmware is some 1 MB. */
export const largestEntry = 64 * 1024 * 1024;

const keyPattern = /^[0-9a-f]{64}$/;

/** Keys are SHA-256 in hexadecimal, and so neither a path nor the start of another key. */
export function isResultKey(key: string): boolean {
  return keyPattern.test(key);
}
