import { type Zippable, zipSync } from 'fflate';
import { byName } from './order.ts';

export interface ZipEntry {
  /** With `/`, relative. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Entries sorted by path, with one fixed time, below one folder. fflate writes local time, so the date is a local one:
 * the same bytes in every time zone.
 */
export function zip(folder: string, entries: readonly ZipEntry[]): Uint8Array {
  const files: Zippable = {};
  const sorted = byName(entries, ({ path }) => path);
  for (const { path, bytes } of sorted) files[`${folder}/${path}`] = bytes;
  return zipSync(files, { level: 9, mtime: new Date(1980, 0, 1, 12) });
}
