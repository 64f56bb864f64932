import type { EmulatorName } from './emulate/emulator.ts';
import { runsOn } from './emulate/runs_on.ts';
import { compilerPackages, findCompiler } from './install/compiler_identity.ts';
import { packageVersions } from './install/debian_packages.ts';
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
  /** Whether what was prepared, if anything was, is what the identity says: apt-get may bring another version than announced. */
  isAsIdentified(): Promise<boolean>;
}

/**
 * Names the tools without starting a compiler, and where it can, without installing them: by their pinned checksums, and
 * by the versions that apt-get would bring. Where it can't, they are prepared at once. Throws as prepareTools.
 */
export async function supplyTools(request: ToolRequest, ask: Ask = askProgram): Promise<ToolSupply> {
  let prepared: Promise<Tools> | null = null;
  const prepare = (): Promise<Tools> => {
    prepared ??= prepareTools(request);
    return prepared;
  };
  let identity = await identifyTools(request, ask);
  if (identity === null) {
    await prepare();
    identity = await identifyTools(request, ask);
  }
  const compare = async (tools: Tools, announced: ToolIdentity): Promise<boolean> => {
    const now = await identifyTools(request, ask);
    return isOf(tools, announced) && now !== null && sameIdentity(now, announced);
  };
  let compared: Promise<boolean> | null = null;
  const isAsIdentified = async (): Promise<boolean> => {
    if (prepared === null || identity === null) return true;
    compared ??= compare(await prepared, identity);
    return await compared;
  };
  return (await isAsIdentified())
    ? { identity, prepare, isAsIdentified }
    : { identity: null, prepare, isAsIdentified: async () => true };
}

function sameIdentity(one: ToolIdentity, other: ToolIdentity): boolean {
  const text = ({ compiler, emulators }: ToolIdentity) =>
    JSON.stringify([compiler, Object.entries(emulators).sort()]);
  return text(one) === text(other);
}

/** Whether these are the tools of that identity: `auto` takes QEMU where Renode turns out not to be had. */
function isOf({ emulators }: Pick<Tools, 'emulators'>, identity: ToolIdentity): boolean {
  const found = emulators.map(({ name }) => name).sort();
  return JSON.stringify(found) === JSON.stringify(Object.keys(identity.emulators).sort());
}

async function identifyTools(request: ToolRequest, ask: Ask): Promise<ToolIdentity | null> {
  const compiler = await compilerIdentity(request, ask);
  if (compiler === null) return null;
  const { emulator, jobs } = request.project;
  const renode = emulator === 'qemu' ? null : await renodeIdentity(request, ask);
  const isEnough =
    renode !== null &&
    emulator !== 'both' &&
    jobs.every(({ target }) => runsOn({ name: 'renode', version: renode.version }, findTarget(target)));
  const qemu = emulator === 'renode' ? null : await qemuIdentity(request, ask, !isEnough);
  if (qemu === null && emulator !== 'renode' && !isEnough) return null;
  if (renode === null && (emulator === 'renode' || emulator === 'both')) return null;
  return {
    compiler,
    emulators: {
      ...(renode === null ? {} : { renode: renode.identity }),
      ...(qemu === null ? {} : { qemu }),
    },
  };
}

async function compilerIdentity(
  { project, host, environment, install }: ToolRequest,
  ask: Ask,
): Promise<string | null> {
  if (project.toolchain !== 'system') return `pinned ${toolchainRelease(host, project.toolchain).sha256}`;
  const found = await findCompiler(environment.PATH ?? '');
  if (found.kind === 'unknown') return null;
  if (found.kind === 'missing') return install ? await packageVersions(compilerPackages, true, ask) : null;
  const packaged = found.isPackaged ? await packageVersions(compilerPackages, false, ask) : null;
  return packaged ?? found.identity;
}

/** What it says of itself, which on Debian and Ubuntu holds its package's version; or what apt-get would bring. */
async function qemuIdentity({ install }: ToolRequest, ask: Ask, isNeeded: boolean): Promise<string | null> {
  const answer = await ask('qemu-system-arm', ['--version']);
  const line = answer?.split('\n')[0]?.trim();
  if (line !== undefined) return /\(Debian ([^)]+)\)$/.exec(line)?.[1] ?? line;
  if (!isNeeded) return null;
  const version = await packageVersions(['qemu-system-arm'], install, ask);
  return version?.replace('qemu-system-arm=', '') ?? null;
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
