import type { Measurement } from '../measurement.ts';
import type { Job, Project } from '../project/project.ts';
import { packResult, unpackResult, writeResultFiles } from './result_entry.ts';
import { type ResultKey, resultKey, type Surroundings } from './result_key.ts';
import { largestEntry, type ResultStore } from './result_store.ts';

/** Measurements of earlier runs, looked up job by job. */
export interface KeptResults {
  /** What decides the job's measurement as its files are now; null where one of them cannot be read. */
  keyOf(project: Project, job: Job): Promise<ResultKey | null>;
  /** The measurement under this key, its files written into what `freshFolder` gives; null when there is none. */
  restore(job: Job, key: ResultKey, freshFolder: () => Promise<string>): Promise<Measurement | null>;
  /** '' or one sentence that says why it was not kept. */
  keep(project: Project, job: Job, key: ResultKey, measurement: Measurement, folder: string): Promise<string>;
}

/**
 * Only a measurement without failures is kept. A fault, a mismatch or a hang is measured again each time: it is rare, it
 * fails the check anyhow, and where a loaded machine or a broken emulator was the cause, the next run must not repeat it.
 */
export function keptResults(store: ResultStore, surroundings: Surroundings): KeptResults {
  const keyOf = (project: Project, job: Job) => resultKey(project, job, surroundings);
  return {
    keyOf,
    async restore(job, { key, modelSha256 }, freshFolder) {
      const entry = await store.restore(key);
      if (entry === null || entry.length > largestEntry) return null;
      const result = unpackResult(entry, { key, modelSha256, model: job.model.name, target: job.target });
      if (result === null) return null;
      await writeResultFiles(result, await freshFolder());
      return result.measurement;
    },
    async keep(project, job, { key, modelSha256 }, measurement, folder) {
      if (measurement.failures.length > 0 || measurement.model.sha256 !== modelSha256) return '';
      // Somebody may have saved another model or other test data while this ran.
      if ((await keyOf(project, job))?.key !== key) return '';
      const entry = await packResult(key, measurement, folder, surroundings.keepsFiles);
      return entry.length > largestEntry ? '' : await store.save(key, entry);
    },
  };
}
