import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isResultKey, largestEntry, type ResultStore } from '../cache/result_store.ts';
import type { ArchiveStore } from '../install/download.ts';
import { cacheName, type PinnedArchive } from '../install/pinned_archive.ts';
import { cacheAnswers } from './cache_service.ts';

/**
 * Keeps fetched archives in the workflow's cache, whose entries other workflows of the repository can write:
 * so it is the archive that is kept, not the unpacked tool, and its checksum is verified after each restore.
 * A cache that fails is as good as none: the archive is fetched.
 */
export const workflowCache: ArchiveStore = {
  async restore(archive, file) {
    try {
      const { restoreCache } = await import('@actions/cache');
      return (await cacheAnswers(process.env)) && (await restoreCache([file], key(archive))) !== undefined;
    } catch {
      return false;
    }
  },
  async save(archive, file) {
    try {
      const { saveCache } = await import('@actions/cache');
      if (await cacheAnswers(process.env)) await saveCache([file], key(archive));
    } catch {
      // Another job may have saved it at the same time, or this token may not write.
    }
  },
};

function key(archive: PinnedArchive): string {
  return `tinyml-deploy-${cacheName(archive)}`;
}

/**
 * Results in the workflow's cache, one entry each. A pull request sees its own and those of its base branch, and what it
 * writes only it sees. The cache finds an entry by the path that it was saved from, so `folder` must be the same in each
 * run, unlike the runner's temporary one on a machine of one's own.
 */
export function workflowResults(folder: string): ResultStore {
  const place = (key: string) => {
    if (!isResultKey(key)) throw new Error('a result is kept under a SHA-256');
    const name = `tinyml-deploy-result-${key}`;
    return { name, file: join(folder, name) };
  };
  const restore = async (key: string): Promise<Uint8Array | null> => {
    const { name, file } = place(key);
    try {
      const { restoreCache } = await import('@actions/cache');
      // The service also finds longer keys that begin like this one.
      if (!(await cacheAnswers(process.env)) || (await restoreCache([file], name)) !== name) return null;
      return (await stat(file)).size > largestEntry ? null : await readFile(file);
    } catch {
      return null;
    } finally {
      await rm(file, { force: true, recursive: true }).catch(() => {});
    }
  };
  const save = async (key: string, entry: Uint8Array): Promise<string> => {
    const { name, file } = place(key);
    try {
      const { restoreCache, saveCache } = await import('@actions/cache');
      if (!(await cacheAnswers(process.env))) return '';
      if ((await restoreCache([file], name, [], { lookupOnly: true })) === name) return '';
      await mkdir(folder, { recursive: true });
      await writeFile(file, entry);
      await saveCache([file], name);
      return '';
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      // Anything else is another job that saves it now, or a token that may not write.
      return code === 'ENOSPC' ? 'Results could not be kept for the next run: the disk is full.' : '';
    } finally {
      await rm(file, { force: true, recursive: true }).catch(() => {});
    }
  };
  return {
    restore: async (key) => await inTurn(place(key).file, () => restore(key)),
    save: async (key, entry) => await inTurn(place(key).file, () => save(key, entry)),
  };
}

const turns = new Map<string, Promise<unknown>>();

/** Head and base often have the same entry, which is one file: while one of them packs it the other must not take it away. */
async function inTurn<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const turn = (turns.get(file) ?? Promise.resolve()).then(work);
  turns.set(
    file,
    turn.catch(() => {}),
  );
  return await turn;
}
