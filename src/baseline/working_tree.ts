import { git } from './git.ts';

/** Whether a tracked file of the folder differs from the commit, so that the commit alone does not give what is here. */
export async function isChanged(folder: string): Promise<boolean> {
  const status = await git(folder, ['status', '--porcelain', '--untracked-files=no', '--', '.']);
  return status.ok && status.stdout !== '';
}
