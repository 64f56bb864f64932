import type { ResultStore } from '../../src/cache/result_store.ts';

/** A store without a disk, which counts. */
export function memoryStore(): ResultStore & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    restore: async (key) => entries.get(key) ?? null,
    save: async (key, entry) => {
      entries.set(key, entry);
      return '';
    },
  };
}
