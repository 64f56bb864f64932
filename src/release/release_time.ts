import { git } from '../baseline/git.ts';
import { DeployError, printable } from '../errors.ts';

/** The last second that ISO 8601 writes with four digits of a year. */
const latestSeconds = 253_402_300_799;

/**
 * The time that a release carries, the same on every rebuild: SOURCE_DATE_EPOCH where it is set
 * (https://reproducible-builds.org/specs/source-date-epoch), else that of the commit, else 1970.
 */
export async function releaseTime(folder: string, sourceDateEpoch: string | undefined): Promise<Date> {
  if (sourceDateEpoch !== undefined && sourceDateEpoch !== '') {
    const seconds = secondsOf(sourceDateEpoch);
    if (seconds !== null) return new Date(seconds * 1000);
    throw new DeployError(
      'input',
      `SOURCE_DATE_EPOCH is "${printable(sourceDateEpoch, 40)}", which is no number of seconds.`,
      {},
      'Give whole seconds since 1970, or unset it to take the time of the commit.',
    );
  }
  const commit = await git(folder, ['log', '-1', '--no-show-signature', '--format=%ct', 'HEAD']);
  return new Date((commit.ok ? (secondsOf(commit.stdout) ?? 0) : 0) * 1000);
}

function secondsOf(text: string): number | null {
  return /^\d{1,12}$/.test(text) && Number(text) <= latestSeconds ? Number(text) : null;
}
