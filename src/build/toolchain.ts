import { resolve } from 'node:path';
import { execa } from 'execa';
import { DeployError } from '../errors.ts';

/** The cross compiler and its binutils. */
export interface Toolchain {
  readonly gcc: string;
  readonly objcopy: string;
  readonly ar: string;
  /** First line of `gcc --version`, for the report. */
  readonly version: string;
  readonly major: number;
}

/** The first GCC that knows Cortex-M55 and Helium intrinsics. */
export const oldestMajor = 10;

const installHint =
  'Install it: `apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi` (Debian, Ubuntu), ' +
  '`brew install --cask gcc-arm-embedded` (macOS), `winget install Arm.GnuArmEmbeddedToolchain` (Windows).';

/**
 * The GNU toolchain for Arm in `folder` (its `bin`), or on the PATH. Throws DeployError (`tool`) that names the
 * command to install it when it is missing, too old, or without newlib.
 */
export async function findToolchain(folder?: string): Promise<Toolchain> {
  const program = (name: string): string =>
    folder === undefined ? `arm-none-eabi-${name}` : resolve(folder, `arm-none-eabi-${name}`);
  const gcc = program('gcc');
  const version = await output(gcc, ['--version']);
  if (version === null) throw new DeployError('tool', `${gcc} is missing or does not run.`, {}, installHint);
  const major = Number.parseInt((await output(gcc, ['-dumpversion'])) ?? '', 10);
  requireRecent(major, gcc);
  const library = await output(gcc, ['-mcpu=cortex-m4', '-mthumb', '-print-file-name=libc_nano.a']);
  if (library === null || library.trim() === 'libc_nano.a')
    throw new DeployError('tool', `${gcc} has no newlib (libc_nano.a).`, {}, installHint);
  return {
    gcc,
    objcopy: program('objcopy'),
    ar: program('ar'),
    version: version.split('\n')[0]?.trim() ?? '',
    major,
  };
}

/** Throws DeployError (`tool`) when the compiler's major version is not known to do. */
export function requireRecent(major: number, gcc: string): void {
  if (Number.isNaN(major) || major < oldestMajor)
    throw new DeployError(
      'tool',
      `${gcc} is too old: version ${Number.isNaN(major) ? 'unknown' : major}, and ${oldestMajor} or newer is needed.`,
      {},
      installHint,
    );
}

async function output(program: string, args: readonly string[]): Promise<string | null> {
  const result = await execa(program, args, { reject: false, stdin: 'ignore' });
  return result.failed ? null : result.stdout;
}
