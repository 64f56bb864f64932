import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { savedModelFile } from '../import/extensions.ts';

/** A SavedModel is written as its folder, and known by a file in it: `models/net` → `models/net/saved_model.pb`. Other paths stay. */
export function modelPath(folder: string, written: string): string {
  if (written.includes('\0')) return written;
  const isFile = statSync(join(resolve(folder, written), savedModelFile), {
    throwIfNoEntry: false,
  })?.isFile();
  return isFile === true ? `${written.replace(/[/\\]+$/, '')}/${savedModelFile}` : written;
}
