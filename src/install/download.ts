import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { DeployError, printable } from '../errors.ts';
import { cacheName, type PinnedArchive } from './pinned_archive.ts';
import { get } from './request.ts';

/** Keeps archives from run to run where folders are not kept, e.g. in a workflow's cache. What it brings is checked like a download. */
export interface ArchiveStore {
  /** Brings the archive to that very path; false when it has none. */
  restore(archive: PinnedArchive, file: string): Promise<boolean>;
  save(archive: PinnedArchive, file: string): Promise<void>;
}

export interface InstallOptions {
  /** Where tools are kept from run to run; see `toolCacheFolder`. */
  readonly cacheFolder: string;
  readonly store?: ArchiveStore;
  readonly onProgress?: (receivedBytes: number, totalBytes: number | null) => void;
  readonly signal?: AbortSignal;
  /** Address of a folder that holds the archives under their own names, in place of the pinned ones; see `readMirror`. */
  readonly mirror?: string;
  /** For tests alone: where to fetch from in place of the pinned address, and how long to wait between attempts. */
  readonly testOnly?: { readonly url?: string; readonly retryDelayMs?: number; readonly stallMs?: number };
}

/** Written into a tool's folder when it is complete; holds the checksum of the archive that it came from. */
const marker = '.tinyml-deploy-sha256';
const attempts = 4;

/** The runner's tool cache where there is one, else `~/.cache/tinyml-deploy` (or below XDG_CACHE_HOME). */
export function toolCacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const runner = environment.RUNNER_TOOL_CACHE;
  const base = runner !== undefined && runner !== '' ? runner : environment.XDG_CACHE_HOME;
  return join(base !== undefined && base !== '' ? base : join(home, '.cache'), 'tinyml-deploy');
}

export const mirrorVariable = 'TINYML_DEPLOY_MIRROR';

/**
 * Where archives are fetched in place of their makers' servers, e.g. `https://mirror.example.com/tools`. Their checksums
 * stay pinned. Throws a `DeployError` of kind `input` for what is no address.
 */
export function readMirror(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<InstallOptions, 'mirror'> {
  const mirror = environment[mirrorVariable]?.trim() ?? '';
  if (mirror === '') return {};
  if (!URL.canParse(mirror) || !/^https?:$/.test(new URL(mirror).protocol)) {
    throw new DeployError(
      'input',
      `The variable ${mirrorVariable} is not an address of http or https.`,
      {},
      'Use e.g. `https://mirror.example.com/tools`.',
    );
  }
  return { mirror };
}

function addressOf(archive: PinnedArchive, mirror: string | undefined): string {
  if (mirror === undefined) return archive.url;
  const url = new URL(mirror);
  url.pathname = posix.join(url.pathname, posix.basename(new URL(archive.url).pathname));
  return url.href;
}

/** For messages: a mirror's address may hold a password. */
function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  url.search = '';
  return url.href;
}

/** The folder that `installArchive` makes, and that a cache may bring back. */
export function archiveFolder(archive: PinnedArchive, cacheFolder: string): string {
  return join(cacheFolder, cacheName(archive));
}

/** Path of the installed program, or null when these exact bytes have not been installed completely. */
export async function installedArchive(archive: PinnedArchive, cacheFolder: string): Promise<string | null> {
  const folder = archiveFolder(archive, cacheFolder);
  const executable = join(folder, archive.executable);
  try {
    if ((await readFile(join(folder, marker), 'utf8')).trim() !== archive.sha256) return null;
    await access(executable);
    return executable;
  } catch {
    return null;
  }
}

/**
 * Fetches, checks, unpacks and keeps a pinned archive; returns the path of its program. The folder appears
 * whole or not at all. Throws a `DeployError` of kind `tool`: no network, no such file, wrong checksum,
 * broken archive, no room.
 */
export async function installArchive(archive: PinnedArchive, options: InstallOptions): Promise<string> {
  const installed = await installedArchive(archive, options.cacheFolder);
  if (installed !== null) return installed;

  const destination = archiveFolder(archive, options.cacheFolder);
  const work = await workFolder(archive, options.cacheFolder);
  // A store may want the same path for saving and restoring.
  const file = options.store === undefined ? join(work, 'archive') : `${destination}.archive`;
  try {
    await obtain(archive, file, options);
    const folder = await unpack(archive, file, join(work, 'unpacked'));
    await writeFile(join(folder, marker), `${archive.sha256}\n`);
    await moveIntoPlace(archive, folder, options.cacheFolder);
  } catch (error) {
    throw explained(archive, error);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(file, { force: true });
  }

  const executable = await installedArchive(archive, options.cacheFolder);
  if (executable === null) throw broken(archive, `it holds no ${archive.executable}`);
  return executable;
}

async function workFolder(archive: PinnedArchive, cacheFolder: string): Promise<string> {
  try {
    await mkdir(cacheFolder, { recursive: true });
    // In the cache folder itself: a rename is atomic only inside of one file system.
    return await mkdtemp(join(cacheFolder, '.installing-'));
  } catch (error) {
    throw explained(archive, error);
  }
}

async function obtain(archive: PinnedArchive, file: string, options: InstallOptions): Promise<void> {
  const isStored = (await options.store?.restore(archive, file)) ?? false;
  if (isStored && (await sha256Of(file)) === archive.sha256) return;
  await download(archive, file, options);
  await options.store?.save(archive, file);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Tries a few times where another try can help; the file is there and has the pinned checksum, or this throws. */
async function download(archive: PinnedArchive, file: string, options: InstallOptions): Promise<void> {
  const url = options.testOnly?.url ?? addressOf(archive, options.mirror);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const sha256 = await downloadOnce(url, file, options);
      if (sha256 === archive.sha256) return;
      throw new DeployError(
        'tool',
        `${title(archive)} from ${withoutUser(url)} has SHA-256 ${sha256}, but ${archive.sha256} is pinned, so it was not installed.`,
        {},
        'Try again; if it stays so, the download was altered on its way: please report it.',
      );
    } catch (error) {
      if (!(error instanceof PassingFault)) throw error;
      if (attempt === attempts) throw unreachable(archive, url, error.message);
      await delay((options.testOnly?.retryDelayMs ?? 1000) * 2 ** (attempt - 1), undefined, {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    }
  }
}

/** A fault that may be gone on the next attempt. */
class PassingFault extends Error {}

async function downloadOnce(url: string, file: string, options: InstallOptions): Promise<string> {
  const stalled = new AbortController();
  const stallMs = options.testOnly?.stallMs ?? 60_000;
  const timer = setTimeout(() => stalled.abort(), stallMs);
  const signal = AbortSignal.any([stalled.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const response = await get(url, signal).catch((error: unknown) => {
      throw signal.aborted ? error : new PassingFault(networkReason(error));
    });
    const status = response.statusCode ?? 0;
    if (status !== 200) {
      response.destroy();
      const what = `the ${status === 407 ? 'proxy' : 'server'} answered ${status}`;
      if (status >= 500 || status === 429 || status === 408) throw new PassingFault(what);
      throw new HttpAnswer(url, what);
    }
    const length = response.headers['content-length'];
    const total = length === undefined ? null : Number(length);
    const hash = createHash('sha256');
    let received = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        timer.refresh();
        hash.update(chunk);
        received += chunk.length;
        options.onProgress?.(received, total);
        done(null, chunk);
      },
    });
    await pipeline(response, measure, createWriteStream(file), { signal });
    return hash.digest('hex');
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (stalled.signal.aborted) throw new PassingFault(`nothing came for ${stallMs / 1000} s`);
    if (brokenOff.has(codeOf(error))) throw new PassingFault('the connection broke off');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** An answer that will be the same on the next attempt. */
class HttpAnswer extends Error {
  readonly url: string;
  constructor(url: string, what: string) {
    super(what);
    this.url = url;
  }
}

const brokenOff = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);

function networkReason(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name could not be looked up';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (brokenOff.has(code)) return 'the connection broke off';
  return code === '' ? printable(String(error instanceof Error ? error.message : error), 200) : code;
}

/** Unpacks with the system's tar, which refuses entries that lead outside, and returns the only top folder. */
async function unpack(archive: PinnedArchive, file: string, into: string): Promise<string> {
  await mkdir(into);
  const result = await execa('tar', ['-xf', file, '-C', into, '--no-same-owner'], {
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
  });
  if (result.failed) {
    // GNU tar names a short write only by its count.
    if (/No space left on device|Wrote only/i.test(result.stderr))
      throw noRoom(archive, dirname(dirname(into)));
    if (result.code === 'ENOENT') {
      throw new DeployError(
        'tool',
        `${title(archive)} could not be unpacked: there is no \`tar\` here.`,
        {},
        'Install tar.',
      );
    }
    throw broken(archive, firstComplaint(result.stderr));
  }
  const entries = await readdir(into, { withFileTypes: true });
  const [top] = entries;
  if (entries.length !== 1 || top === undefined || !top.isDirectory()) {
    throw broken(archive, 'it does not hold one folder');
  }
  const folder = join(into, top.name);
  try {
    await access(join(folder, archive.executable));
  } catch {
    throw broken(archive, `it holds no ${archive.executable}`);
  }
  return folder;
}

async function moveIntoPlace(archive: PinnedArchive, folder: string, cacheFolder: string): Promise<void> {
  const destination = archiveFolder(archive, cacheFolder);
  try {
    await rename(folder, destination);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    // Another run has just made it, from the same bytes; or one that was cut off has left a part of it.
    if ((await installedArchive(archive, cacheFolder)) !== null) return;
    await rename(destination, `${folder}.old`);
    await rename(folder, destination);
  }
}

function explained(archive: PinnedArchive, error: unknown): unknown {
  if (error instanceof DeployError) return error;
  if (error instanceof HttpAnswer) return unreachable(archive, error.url, error.message);
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom(archive, 'the tool cache');
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR') {
    return new DeployError(
      'tool',
      `${title(archive)} could not be kept: the tool cache folder cannot be written (${code}).`,
      {},
      'Make it writable, or name another one in XDG_CACHE_HOME.',
    );
  }
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function noRoom(archive: PinnedArchive, where: string): DeployError {
  return new DeployError(
    'tool',
    `${title(archive)} was not installed: the disk is full at ${where}.`,
    {},
    'Free some room and run again.',
  );
}

function broken(archive: PinnedArchive, why: string): DeployError {
  return new DeployError(
    'tool',
    `The archive of ${title(archive)} cannot be unpacked: ${printable(why)}.`,
    {},
    'Please report it: the pinned archive itself is wrong.',
  );
}

function unreachable(archive: PinnedArchive, url: string, why: string): DeployError {
  return new DeployError(
    'tool',
    `${title(archive)} could not be fetched from ${withoutUser(url)}: ${why}.`,
    {},
    `Check the network, HTTPS_PROXY and ${mirrorVariable}, or install it yourself and put it on the PATH.`,
  );
}

function title(archive: PinnedArchive): string {
  return `${titles[archive.tool] ?? archive.tool} ${archive.version}`;
}

const titles: Readonly<Record<string, string>> = {
  renode: 'Renode',
  'arm-gnu-toolchain': 'Arm GNU toolchain',
};

function firstComplaint(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.includes('Removing leading'));
  return lines[0]?.trim().replace(/\.$/, '') ?? 'tar failed';
}
