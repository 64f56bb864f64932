import type { EmulatorName } from './emulate/emulator.ts';
import { runsOn } from './emulate/runs_on.ts';
import { compilerIdentity } from './install/compiler_identity.ts';
import { installedArchive, toolCacheFolder } from './install/download.ts';
import { type Ask, askProgram } from './install/host_tools.ts';
import { renodeRelease } from './install/renode_release.ts';
import { toolchainRelease } from './install/toolchain_release.ts';
import type { Tools } from './pipeline.ts';
import { findTarget } from './targets/index.ts';
import { prepareTools, type ToolRequest } from './tools.ts';

/** Which compiler and emulators a run takes, told apart exactly; two runs with the same identity give the same figures. */
export interface ToolIdentity {
  readonly compiler: string;
  /** What each one says of itself, or its pinned checksum. */
  readonly emulators: Readonly<Partial<Record<EmulatorName, string>>>;
}

/** The tools of a run, brought only when something has to be measured. */
export interface ToolSupply {
  /** null: they cannot be told apart, so that nothing may be kept for later or taken from earlier. */
  readonly identity: ToolIdentity | null;
  /** Finds or installs them, once. Throws as prepareTools. */
  prepare(): Promise<Tools>;
}

/**
 * Names the tools without starting a compiler. Where that needs one that is yet to be installed, they are prepared at
 * once. Throws as prepareTools.
 */
export async function supplyTools(request: ToolRequest, ask: Ask = askProgram): Promise<ToolSupply> {
  let prepared: Promise<Tools> | null = null;
  const prepare = (): Promise<Tools> => {
    prepared ??= prepareTools(request);
    return prepared;
  };
  const first = await identifyTools(request, ask);
  if (first !== null) return { identity: first, prepare };
  const tools = await prepare();
  const identity = await identifyTools(request, ask);
  return { identity: identity !== null && isOf(tools, identity) ? identity : null, prepare };
}

/** Whether these are the tools of that identity: `auto` takes QEMU where Renode turns out not to be had. */
export function isOf({ emulators }: Pick<Tools, 'emulators'>, identity: ToolIdentity): boolean {
  const found = emulators.map(({ name }) => name).sort();
  return JSON.stringify(found) === JSON.stringify(Object.keys(identity.emulators).sort());
}

async function identifyTools(request: ToolRequest, ask: Ask): Promise<ToolIdentity | null> {
  const compiler =
    request.project.toolchain === 'system'
      ? await compilerIdentity(request.environment.PATH ?? '')
      : `pinned ${toolchainRelease(request.host, request.project.toolchain).sha256}`;
  if (compiler === null) return null;
  const { emulator, jobs } = request.project;
  const renode = emulator === 'qemu' ? null : await renodeIdentity(request, ask);
  const isEnough =
    renode !== null &&
    emulator !== 'both' &&
    jobs.every(({ target }) => runsOn({ name: 'renode', version: renode.version }, findTarget(target)));
  const qemu = emulator === 'renode' ? null : await ask('qemu-system-arm', ['--version']);
  if (qemu === null && emulator !== 'renode' && !isEnough) return null;
  if (renode === null && (emulator === 'renode' || emulator === 'both')) return null;
  return {
    compiler,
    emulators: {
      ...(renode === null ? {} : { renode: renode.identity }),
      ...(qemu === null ? {} : { qemu: qemu.split('\n')[0] ?? '' }),
    },
  };
}

/** As provideRenode looks for it: on the PATH, else the pinned one where it is here or may be fetched. */
async function renodeIdentity(
  { environment, home, host, install }: ToolRequest,
  ask: Ask,
): Promise<{ readonly version: string; readonly identity: string } | null> {
  const answer = await ask('renode', ['--version']);
  const version = /Renode v?(\d+\.\d+\.\d+)/.exec(answer ?? '')?.[1];
  if (answer !== null && version !== undefined) return { version, identity: answer };
  const release = renodeRelease(host);
  if (release === null) return null;
  const isHere = (await installedArchive(release, toolCacheFolder(environment, home))) !== null;
  return isHere || install ? { version: release.version, identity: `pinned ${release.sha256}` } : null;
}
