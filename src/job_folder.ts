import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from './errors.ts';

/** All that a run writes into a job's folder: sources with their objects, firmware, and what the emulators work with. */
const made = [
  'library',
  'firmware',
  ...['firmware', 'firmware-qemu'].flatMap((label) => [`${label}.ld`, `${label}.elf`]),
  'renode',
  'qemu',
  'trace',
];

/**
 * `<out>/<model>/<target>` without what an earlier run left there. Whatever else is in it stays: with `--out .`
 * it may be a folder that the user had before. Throws DeployError (kind `input`) where nothing can be written.
 */
export async function freshJobFolder(outputFolder: string, model: string, target: string): Promise<string> {
  const folder = join(outputFolder, model, target);
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(made.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DeployError(
      'input',
      `Nothing can be written here (${reason}).`,
      { file: folder },
      'Give another folder, or move what is in the way.',
    );
  }
  return folder;
}
