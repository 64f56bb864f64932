import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeployError } from '../errors.ts';

/** Makes the folder and makes sure that it takes files, before hours of work are lost to it. Throws DeployError (`input`). */
export async function requireWritable(folder: string): Promise<void> {
  const probe = join(folder, `.tinyml-deploy-${process.pid}`);
  try {
    await makeFolder(folder);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

/** Writes a file that is there whole or not at all. Throws DeployError (`input`) when the folder refuses. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await makeFolder(dirname(path));
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw notWritable(path, error);
  }
}

/** One folder after the other: Node's own recursion never ends where a system refuses with ENOENT, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}

/** Throws DeployError (`input`) when there is no such file. */
export async function readText(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new DeployError(
      'input',
      `The file cannot be read (${codeOf(error)}).`,
      { file: shown },
      'Check the path.',
    );
  }
}

function notWritable(path: string, error: unknown): DeployError {
  return new DeployError(
    'input',
    `Nothing can be written here (${codeOf(error)}).`,
    { file: path },
    'Give another folder or change its permissions.',
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
