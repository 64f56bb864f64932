import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export const versions = { actionlint: 'v1.7.12', zizmor: '1.32.0' };

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tinyml-deploy-dev');

export type Found = { readonly program: string } | { readonly program: null; readonly why: string };

/** actionlint: from the PATH, or built once by Go into the user's cache; or why not. */
export async function findActionlint(): Promise<Found> {
  if (!(await execa('actionlint', ['-version'], { reject: false })).failed) return { program: 'actionlint' };
  const program = join(cache, 'bin', 'actionlint');
  if (existsSync(program)) return { program };
  const made = await execa(
    'go',
    ['install', `github.com/rhysd/actionlint/cmd/actionlint@${versions.actionlint}`],
    {
      reject: false,
      timeout: 5 * 60 * 1000,
      env: { GOBIN: join(cache, 'bin'), GOFLAGS: '-p=2' },
    },
  );
  if (existsSync(program)) return { program };
  return {
    program: null,
    why: `actionlint is not installed, and Go could not build it (${made.shortMessage})`,
  };
}

/** zizmor: from the PATH, or what .ci/run has put into the user's cache; or why not. */
export async function findZizmor(): Promise<Found> {
  if (!(await execa('zizmor', ['--version'], { reject: false })).failed) return { program: 'zizmor' };
  const program = join(cache, 'zizmor', 'bin', 'zizmor');
  if (existsSync(program)) return { program };
  return {
    program: null,
    why: `zizmor is not installed: \`pip install zizmor==${versions.zizmor}\`, as .ci/run does`,
  };
}
