import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { DeployError, printable } from '../errors.ts';
import { lastLines } from './last_lines.ts';

/** A Python environment of our own, whose every package is pinned to its bytes. */
export interface PinnedEnvironment {
  /** What it is for: names its folder, and it in messages. */
  readonly title: string;
  /** Path of a requirements.txt with versions and hashes of all packages. */
  readonly requirements: string;
  /** Versions of Python that will do, e.g. `>=3.11,<3.14`. */
  readonly python: string;
}

export interface EnvironmentRequest {
  /** Brings uv; asked only when the environment is not there. */
  readonly uv: () => Promise<string>;
  readonly cacheFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Told in a few words what is done now. */
  readonly onStep?: (step: string) => void;
  readonly signal?: AbortSignal;
}

/** Written into the environment's folder when it is complete. */
const marker = '.tinyml-deploy-sha256';
const limitMs = 20 * 60_000;

/**
 * Path of the environment's python. It is made once for each content of the requirements, and kept; nothing that is
 * installed builds or runs code of its own, as only wheels are taken. The folder appears whole or not at all.
 * Throws a `DeployError` of kind `tool`: no Python, no network, a checksum that differs, no room.
 */
export async function provideEnvironment(
  pinned: PinnedEnvironment,
  request: EnvironmentRequest,
): Promise<string> {
  const digest = createHash('sha256')
    .update(pinned.python)
    .update(await readFile(pinned.requirements))
    .digest('hex');
  const folder = join(request.cacheFolder, `${pinned.title.toLowerCase()}-${digest.slice(0, 16)}`);
  const python = join(folder, ...pythonBelow(request.platform));
  if (await isWhole(folder, python, digest)) return python;
  const uv = await request.uv();
  await mkdir(request.cacheFolder, { recursive: true });
  // In the cache folder itself: a rename is atomic only inside of one file system.
  const work = await mkdtemp(join(request.cacheFolder, '.installing-'));
  try {
    const made = join(work, 'environment');
    request.onStep?.('looking for Python');
    const created = await run(uv, ['venv', '--relocatable', '--python', pinned.python, made], work, request);
    if (created !== null)
      throw new DeployError(
        'tool',
        `There is no Python ${pinned.python} on this machine to run ${pinned.title} with, and uv brought none.`,
        {},
        `Install Python 3.12. uv said:\n${created}`,
      );
    request.onStep?.(`installing ${pinned.title}, once`);
    const program = join(made, ...pythonBelow(request.platform));
    const sync = ['pip', 'sync', '--require-hashes', '--only-binary', ':all:', '--python', program];
    const complaint = await run(uv, [...sync, pinned.requirements], work, request);
    if (complaint !== null)
      throw new DeployError(
        'tool',
        `${pinned.title} could not be installed by uv.`,
        {},
        `Check the network, HTTPS_PROXY and UV_DEFAULT_INDEX. Its last lines:\n${complaint}`,
      );
    await writeFile(join(made, marker), `${digest}\n`);
    await moveIntoPlace(made, folder, () => isWhole(folder, python, digest));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return python;
}

function pythonBelow(platform: string): readonly string[] {
  return platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
}

/** The Python that it was made with may be gone by now: then its link leads nowhere. */
async function isWhole(folder: string, python: string, digest: string): Promise<boolean> {
  try {
    await access(python);
    return (await readFile(join(folder, marker), 'utf8')).trim() === digest;
  } catch {
    return false;
  }
}

async function moveIntoPlace(made: string, folder: string, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await rename(made, folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    // Another run has just made it; or what is there is useless.
    if (await isThere()) return;
    await rename(folder, `${made}.old`);
    await rename(made, folder);
  }
}

/** null, or the last lines that it complained with. */
async function run(
  uv: string,
  args: readonly string[],
  folder: string,
  { environment, onStep, signal }: EnvironmentRequest,
): Promise<string | null> {
  const result = await execa(uv, args, {
    reject: false,
    // Settings of the repository are not uv's.
    cwd: folder,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: [
      'pipe',
      function* (line: unknown) {
        const text = String(line).trim();
        if (/^(Downloading|Building|Prepared|Installed) /.test(text)) onStep?.(printable(text));
        yield line;
      },
    ],
    env: ofUv(environment),
    extendEnv: false,
    timeout: limitMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (!result.failed) return null;
  if (result.isCanceled) throw new DeployError('tool', 'the run was cancelled.');
  if (result.timedOut) return `  it took longer than ${limitMs / 60_000} minutes`;
  return (
    lastLines(String(result.stderr ?? '')) || `  ${printable(result.shortMessage ?? 'it did not run', 300)}`
  );
}

const passed =
  /^(PATH|HOME|USERPROFILE|LANG|TMPDIR|TEMP|TMP|SYSTEMROOT|LOCALAPPDATA|APPDATA|XDG_.*|UV_.*|SSL_CERT_.*|(HTTPS?|ALL|NO)_PROXY)$/i;

/** What uv needs to find Python, its cache, and the way to the packages; no token of the workflow. */
function ofUv(environment: EnvironmentRequest['environment']): Record<string, string> {
  const own = Object.entries(environment).filter(
    (entry): entry is [string, string] => passed.test(entry[0]) && entry[1] !== undefined,
  );
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}
