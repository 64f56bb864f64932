import { DeployError } from '../errors.ts';
import { type InstallOptions, installArchive, installedArchive } from './download.ts';
import { onPath } from './on_path.ts';
import { type Host, requireRenodeRelease } from './renode_release.ts';

export interface RenodeRequest extends InstallOptions {
  readonly host: Host;
  /** The value of PATH. */
  readonly path: string;
  /** Whether it may be fetched. */
  readonly install: boolean;
}

/**
 * Renode from the PATH, else the pinned one: from the tool cache, or fetched. Returns the program's path. Throws
 * a `DeployError` where it can't be had; `emulator: auto` takes QEMU then.
 */
export async function provideRenode(request: RenodeRequest): Promise<string> {
  const installed = await onPath('renode', request.path);
  if (installed !== null) return installed;
  const release = requireRenodeRelease(request.host);
  if (request.install) return await installArchive(release, request);
  const cached = await installedArchive(release, request.cacheFolder);
  if (cached !== null) return cached;
  throw new DeployError(
    'tool',
    'Renode is not installed.',
    {},
    `Run without \`--no-install\` to fetch Renode ${release.version}, or unpack ${release.url} and put it on the PATH.`,
  );
}
