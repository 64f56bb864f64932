import { DeployError } from '../errors.ts';

/** The error for a file that Git LFS has yet to fetch; null where these are other bytes. */
export function lfsPointer(start: Uint8Array, file: string): DeployError | null {
  const text = new TextDecoder('latin1').decode(start.subarray(0, 64));
  if (!text.startsWith('version https://git-lfs.github.com/spec')) return null;
  return new DeployError(
    'input',
    'This is a Git LFS pointer, not the data itself.',
    { file },
    'Run `git lfs pull`; in a workflow set `lfs: true` on actions/checkout.',
  );
}
