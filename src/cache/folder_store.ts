import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../errors.ts';
import { isResultKey, largestEntry, type ResultStore } from './result_store.ts';

const ending = '.result';

export interface FolderStoreOptions {
  /** Bytes of all entries together; those that were not used for longest go first. */
  readonly limitBytes: number;
  readonly now: () => Date;
}

/** Results in a folder of the user's own cache, one file each, bounded in size. */
export function folderStore(folder: string, { limitBytes, now }: FolderStoreOptions): ResultStore {
  const path = (key: string): string => {
    if (!isResultKey(key)) throw new Error('a result is kept under a SHA-256');
    return join(folder, `${key}${ending}`);
  };
  return {
    async restore(key) {
      const file = path(key);
      try {
        if ((await stat(file)).size > largestEntry) return null;
        const entry = await readFile(file);
        await utimes(file, now(), now()).catch(() => {});
        return entry;
      } catch {
        return null;
      }
    },
    async save(key, entry) {
      const file = path(key);
      const unfinished = `${file}.${process.pid}.tmp`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(unfinished, entry);
        await rename(unfinished, file);
        await makeRoom(folder, limitBytes);
        return '';
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => {});
        return `Results could not be kept for the next run: ${reasonOf(error)} at ${printable(folder, 300)}.`;
      }
    },
  };
}

async function makeRoom(folder: string, limitBytes: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      // Another run may have thrown it away just now.
      const found = await stat(file).catch(() => null);
      return { file, bytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 };
    }),
  );
  let kept = 0;
  for (const { file, bytes } of files.toSorted((a, b) => b.usedMs - a.usedMs)) {
    kept += bytes;
    if (kept > limitBytes) await rm(file, { force: true });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code;
}
