import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError, printable } from '../errors.ts';
import { namesInChecksums } from './checksums.ts';

/** Files of a release that its checksums don't name: they, and the text of its page. */
export const checksumsName = 'SHA256SUMS';
export const notesName = 'NOTES.md';

/** Throws DeployError (`input`) when the folder holds anything but an earlier release, which may be replaced. */
export async function requireReplaceable(folder: string): Promise<void> {
  const entries = await entriesOf(folder);
  if (entries.length === 0) return;
  const listed = entries.includes(checksumsName)
    ? namesInChecksums(await readFile(join(folder, checksumsName), 'utf8').catch(() => ''))
    : [];
  const released = new Set([...listed, checksumsName, notesName]);
  const stray = entries.sort().find((name) => !released.has(name));
  if (stray === undefined && listed.length > 0) return;
  throw new DeployError(
    'input',
    `The folder holds ${stray === undefined ? 'something else than a release' : `"${printable(stray, 60)}", which is of no release`}, so it is not replaced.`,
    { file: folder },
    'Give a folder that is new or empty, or that holds an earlier release.',
  );
}

/**
 * Fills a folder so that it is there whole or not at all: `fill` writes into a sibling, which then takes the folder's
 * place. What stood there goes only when its successor is complete, and comes back when it can't take its place.
 */
export async function replaceFolder<Result>(
  folder: string,
  fill: (unfinished: string) => Promise<Result>,
): Promise<Result> {
  const aside = await mkdtemp(`${folder}.unfinished-`);
  try {
    const unfinished = join(aside, 'new');
    await mkdir(unfinished);
    const result = await fill(unfinished);
    await swap(folder, unfinished, join(aside, 'old'));
    return result;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function swap(folder: string, next: string, old: string): Promise<void> {
  const isThere = (await lstat(folder).catch(() => null)) !== null;
  if (isThere) await rename(folder, old);
  try {
    await rename(next, folder);
  } catch (error) {
    if (isThere) await rename(old, folder);
    throw error;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  const status = await stat(folder).catch(() => null);
  if (status === null) return [];
  if (status.isDirectory()) return await readdir(folder);
  throw new DeployError('input', 'This is a file, not a folder.', { file: folder }, 'Give another folder.');
}
