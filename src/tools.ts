import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findToolchain, type Toolchain } from './build/toolchain.ts';
import type { Emulator } from './emulate/emulator.ts';
import { findQemu, type QemuOptions } from './emulate/qemu.ts';
import { findRenode } from './emulate/renode.ts';
import { runsOn } from './emulate/runs_on.ts';
import { DeployError } from './errors.ts';
import { installMissingTools } from './install/apt.ts';
import {
  type ArchiveStore,
  type InstallOptions,
  installArchive,
  readMirror,
  toolCacheFolder,
} from './install/download.ts';
import { provideRenode } from './install/renode.ts';
import type { Host } from './install/renode_release.ts';
import { toolchainRelease } from './install/toolchain_release.ts';
import type { Tools } from './pipeline.ts';
import type { Project } from './project/project.ts';
import { runtimeFolder } from './runtime_folder.ts';
import { findTarget } from './targets/index.ts';

export interface ToolRequest {
  readonly project: Pick<Project, 'emulator' | 'toolchain' | 'jobs'>;
  /** Whether missing tools may be installed. */
  readonly install: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
  /** The user's home folder. */
  readonly home: string;
  readonly store?: ArchiveStore;
  /** Told in one sentence what is installed, and why another emulator was taken. */
  readonly say: (sentence: string) => void;
}

/** Finds, and where allowed installs, what the project needs. Throws a `DeployError` of kind `tool` that says what is missing and how to get it. */
export async function prepareTools(request: ToolRequest): Promise<Tools> {
  const runtime = runtimeFolder();
  const cacheFolder = toolCacheFolder(request.environment, request.home);
  const renode = request.project.emulator === 'qemu' ? null : await renodeFor(request, cacheFolder);
  const needsQemu = request.project.emulator !== 'renode' && !isEnough(renode, request);
  await installMissingTools({
    mayInstall: request.install,
    say: request.say,
    without: [
      'renode',
      ...(needsQemu ? [] : ['qemu-system-arm', 'cc']),
      ...(request.project.toolchain === 'system' ? [] : ['arm-none-eabi-gcc', 'newlib']),
    ],
  });
  const qemu = await qemuFor(request, { runtimeFolder: runtime, cacheFolder }, needsQemu);
  if (renode !== null && qemu !== null)
    for (const target of notOn(renode, request))
      request.say(`Renode ${renode.version} does not run ${target} right: QEMU alone judges it.`);
  return {
    toolchain: await toolchainFor(request, cacheFolder),
    emulators: [renode, qemu].filter((emulator) => emulator !== null),
    runtimeFolder: runtime,
    kernels: await readKernels(join(runtime, 'kernels')),
  };
}

/** Null where Renode can't be had and `auto` can do without it. */
async function renodeFor(request: ToolRequest, cacheFolder: string): Promise<Emulator | null> {
  const { environment, host, install } = request;
  try {
    const program = await provideRenode({
      host,
      install,
      path: environment.PATH ?? '',
      ...installOptions(request, cacheFolder),
    });
    return await findRenode({ program });
  } catch (error) {
    if (request.project.emulator !== 'auto' || !(error instanceof DeployError)) throw error;
    request.say(`QEMU is taken instead of Renode. ${error.message}`);
    return null;
  }
}

/** QEMU where the run needs it; with `auto` also where it is there anyhow, as the second opinion. */
async function qemuFor(
  { project }: ToolRequest,
  options: QemuOptions,
  isNeeded: boolean,
): Promise<Emulator | null> {
  if (isNeeded) return await findQemu(options);
  if (project.emulator !== 'auto') return null;
  try {
    return await findQemu(options);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return null;
  }
}

/** Whether Renode alone does: not where a second opinion is wanted, nor where it is too old for a target. */
function isEnough(renode: Emulator | null, request: ToolRequest): boolean {
  if (renode === null || request.project.emulator === 'both') return false;
  return notOn(renode, request).length === 0;
}

/** The project's targets for which this emulator is too old. */
function notOn(emulator: Emulator, { project }: ToolRequest): string[] {
  const names = new Set(project.jobs.map(({ target }) => target));
  return [...names].filter((name) => !runsOn(emulator, findTarget(name)));
}

function installOptions({ store, environment }: ToolRequest, cacheFolder: string): InstallOptions {
  return { cacheFolder, ...readMirror(environment), ...(store === undefined ? {} : { store }) };
}

async function toolchainFor(request: ToolRequest, cacheFolder: string): Promise<Toolchain> {
  const version = request.project.toolchain;
  if (version === 'system') return await findToolchain();
  const release = toolchainRelease(request.host, version);
  const gcc = await installArchive(release, installOptions(request, cacheFolder));
  return await findToolchain(dirname(gcc));
}

/** Text of the kernels by file name. */
export async function readKernels(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.h')).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
