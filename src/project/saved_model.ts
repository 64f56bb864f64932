import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { savedModelFile } from '../import/extensions.ts';

/** A SavedModel is written as its folder, and known by a file in it: `models/net` → `models/net/saved_model.pb`. Other paths stay. */
export function modelPath(folder: string, written: string): string {
  const path = resolve(folder, written);
  const isSavedModel =
    !written.includes('\0') &&
    existsSync(path) &&
    statSync(path).isDirectory() &&
    existsSync(join(path, savedModelFile));
  return isSavedModel ? `${written.replace(/[/\\]+$/, '')}/${savedModelFile}` : written;
}

/** The way back, for tinyml.yml; a SavedModel in the project's own folder stays its file. */
export function writtenPath(file: string): string {
  return file.endsWith(`/${savedModelFile}`) ? file.slice(0, -savedModelFile.length - 1) : file;
}
