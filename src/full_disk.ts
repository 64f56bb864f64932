import { DeployError } from './errors.ts';

/**
 * What a full disk makes of any step that writes, as the one sentence that says so; null for everything else. A compiler
 * or git only tells it in its own words.
 */
export function fullDisk(error: unknown): DeployError | null {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const isFull =
    code === 'ENOSPC' || code === 'EDQUOT' || (error instanceof Error && saysFull(error.message));
  return isFull ? new DeployError('tool', 'The disk is full.', {}, 'Free some room and run again.') : null;
}

/** As the C library words ENOSPC and EDQUOT. */
export function saysFull(text: string): boolean {
  return /No space left on device|Disk quota exceeded|ENOSPC/i.test(text);
}
