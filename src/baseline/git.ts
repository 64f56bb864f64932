import { execa } from 'execa';

export interface GitResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What git complained of, on one line; empty when it did not. */
  readonly complaint: string;
}

const timeLimitMs = 5 * 60 * 1000;

/**
 * Runs git in a folder, asks nobody for a password, runs no hook of the repository and fetches no LFS object by itself.
 * `safe.directory`: in a container job the workspace often belongs to another user.
 */
export async function git(folder: string, parameters: readonly string[]): Promise<GitResult> {
  const result = await execa(
    'git',
    [
      ...['-c', 'core.hooksPath=/dev/null', '-c', 'safe.directory=*', '-c', 'advice.detachedHead=false'],
      ...['-c', 'gc.auto=0', '-c', 'maintenance.auto=false'],
      ...parameters,
    ],
    {
      cwd: folder,
      reject: false,
      stdin: 'ignore',
      timeout: timeLimitMs,
      env: { GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1', LC_ALL: 'C' },
    },
  );
  const stderr = typeof result.stderr === 'string' ? result.stderr : '';
  return {
    ok: !result.failed,
    stdout: typeof result.stdout === 'string' ? result.stdout.trim() : '',
    complaint: result.failed ? complaintOf(stderr, result.shortMessage ?? 'git failed') : '',
  };
}

function complaintOf(stderr: string, otherwise: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const fatal = lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.find((line) => line !== '');
  return (fatal ?? otherwise).replace(/^(fatal|error): /, '').replace(/\.$/, '');
}
