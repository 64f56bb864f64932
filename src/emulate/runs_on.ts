import type { Target } from '../targets/target.ts';
import type { Emulator } from './emulator.ts';

/** Whether this emulator's version executes the target's instructions right (Helium needs a recent Renode). */
export function runsOn({ name, version }: Pick<Emulator, 'name' | 'version'>, target: Target): boolean {
  const since = name === 'renode' ? target.renode.since : undefined;
  return since === undefined || !isOlder(version, since);
}

/** Dotted version numbers; what is not a number counts as 0. */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string): number[] => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [a, b] = [parts(version), parts(than)];
  const at = [0, 1, 2].find((index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return at !== undefined && (a[at] ?? 0) < (b[at] ?? 0);
}
