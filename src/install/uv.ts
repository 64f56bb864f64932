import { DeployError } from '../errors.ts';
import { type InstallOptions, installArchive, installedArchive } from './download.ts';
import { onPath } from './on_path.ts';
import type { Host } from './renode_release.ts';
import { uvRelease } from './uv_release.ts';

export interface UvRequest extends InstallOptions {
  readonly host: Host;
  /** The value of PATH. */
  readonly path: string;
  /** Whether it may be fetched. */
  readonly install: boolean;
}

/** uv from the PATH, else the pinned one: from the tool cache, or fetched. Returns the program's path. Throws DeployError (`tool`). */
export async function provideUv(request: UvRequest): Promise<string> {
  const { host, path } = request;
  const installed = await onPath(host.platform === 'win32' ? 'uv.exe' : 'uv', path);
  if (installed !== null) return installed;
  const release = uvRelease(host);
  if (release !== null && request.install) return await installArchive(release, request);
  const cached = release === null ? null : await installedArchive(release, request.cacheFolder);
  if (cached !== null) return cached;
  throw new DeployError(
    'tool',
    'uv, which sets up TensorFlow to convert this model, is not installed.',
    {},
    request.install
      ? 'Install it by `pip install uv`.'
      : 'Run with leave to install, or install it by `pip install uv`.',
  );
}
