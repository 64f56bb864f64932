import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findToolchain, type Toolchain } from './build/toolchain.ts';
import type { Emulator } from './emulate/emulator.ts';
import { findQemu } from './emulate/qemu.ts';
import { type ArchiveStore, installArchive, toolCacheFolder } from './install/download.ts';
import type { Host } from './install/renode_release.ts';
import { toolchainRelease } from './install/toolchain_release.ts';
import type { Tools } from './pipeline.ts';
import type { Project } from './project/project.ts';
import { runtimeFolder } from './runtime_folder.ts';

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
  const emulators = await emulatorsFor(request, cacheFolder);
  return {
    toolchain: await toolchainFor(request, cacheFolder),
    emulators,
    runtimeFolder: runtime,
    kernels: await readKernels(join(runtime, 'kernels')),
  };
}

async function toolchainFor(request: ToolRequest, cacheFolder: string): Promise<Toolchain> {
  const version = request.project.toolchain;
  if (version === 'system') return await findToolchain();
  const release = toolchainRelease(request.host, version);
  const store = request.store === undefined ? {} : { store: request.store };
  const gcc = await installArchive(release, { cacheFolder, ...store });
  return await findToolchain(dirname(gcc));
}

async function emulatorsFor(_request: ToolRequest, cacheFolder: string): Promise<readonly Emulator[]> {
  return [await findQemu({ runtimeFolder: runtimeFolder(), cacheFolder })];
}

/** Text of the kernels by file name. */
async function readKernels(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.h')).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
