import type { ArchiveStore } from '../install/download.ts';
import { cacheName, type PinnedArchive } from '../install/pinned_archive.ts';

/**
 * Keeps fetched archives in the workflow's cache, whose entries other workflows of the repository can write:
 * so it is the archive that is kept, not the unpacked tool, and its checksum is verified after each restore.
 * A cache that fails is as good as none: the archive is fetched.
 */
export const workflowCache: ArchiveStore = {
  async restore(archive, file) {
    try {
      const { isFeatureAvailable, restoreCache } = await import('@actions/cache');
      return isFeatureAvailable() && (await restoreCache([file], key(archive))) !== undefined;
    } catch {
      return false;
    }
  },
  async save(archive, file) {
    try {
      const { isFeatureAvailable, saveCache } = await import('@actions/cache');
      if (isFeatureAvailable()) await saveCache([file], key(archive));
    } catch {
      // Another job may have saved it at the same time, or this token may not write.
    }
  },
};

function key(archive: PinnedArchive): string {
  return `tinyml-deploy-${cacheName(archive)}`;
}
