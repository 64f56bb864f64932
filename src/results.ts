import { type KeptResults, keptResults } from './cache/kept_results.ts';
import type { ResultStore } from './cache/result_store.ts';
import { codeDigest } from './code_digest.ts';
import { reportSchemaVersion } from './report/report.ts';
import type { ToolSupply } from './tool_identity.ts';
import { toolVersion } from './version.ts';

/** Earlier measurements made by this very program with these very tools; null where the tools cannot be told apart. */
export function openResults(
  store: ResultStore,
  { identity, isAsIdentified }: ToolSupply,
  keepsFiles: boolean,
): KeptResults | null {
  if (identity === null) return null;
  const results = keptResults(store, {
    code: codeDigest(),
    toolVersion: toolVersion(),
    reportSchemaVersion,
    tools: JSON.stringify(identity),
    keepsFiles,
  });
  return {
    ...results,
    // What was measured by other tools than expected is not kept under the expected ones' key.
    keep: async (...parameters) => ((await isAsIdentified()) ? await results.keep(...parameters) : ''),
  };
}
