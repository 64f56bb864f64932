import { homedir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../cache/folder_store.ts';
import type { ResultStore } from '../cache/result_store.ts';
import { supplyConverter } from '../converter.ts';
import type { ModelConverter } from '../import/convert.ts';
import { toolCacheFolder } from '../install/download.ts';
import type { Terminal } from './terminal.ts';

/** What earlier runs of this user measured and converted, bounded in size. */
export function resultsOf({ environment, now }: Terminal): ResultStore {
  const folder = join(toolCacheFolder(environment, homedir()), 'results');
  return folderStore(folder, { limitBytes: 512 * 1024 * 1024, now });
}

/** TensorFlow for the models that need it: a person who starts a command trusts them. */
export function converterOf(
  terminal: Terminal,
  options: { readonly install?: boolean; readonly cache?: boolean } = {},
): ModelConverter {
  return supplyConverter({
    install: options.install !== false,
    environment: terminal.environment,
    host: { platform: process.platform, arch: process.arch },
    home: homedir(),
    kept: options.cache === false ? null : resultsOf(terminal),
    isUntrusted: false,
    signal: terminal.signal,
  });
}
