import { DeployError, printable } from '../errors.ts';
import type { PinnedArchive } from './pinned_archive.ts';

/** What runs when nothing else is asked for: the first release whose Helium instructions are right (Cortex-M55). */
export const renodeVersion = '1.17.0';

const releases = 'https://github.com/renode/renode/releases/download';

/**
 * Portable Linux builds with their own .NET runtime. The checksums are those of the assets on GitHub: the
 * nightly server has other bytes under the same names.
 */
export const renodeReleases: readonly PinnedArchive[] = [
  {
    tool: 'renode',
    version: '1.17.0',
    arch: 'x64',
    url: `${releases}/v1.17.0/renode-1.17.0.linux-portable.tar.gz`,
    sha256: '4ba7c68b59e2447f188ef4b4b112fcccd2802582c460beedceb63b84e5605a5f',
    executable: 'renode',
  },
  {
    tool: 'renode',
    version: '1.17.0',
    arch: 'arm64',
    url: `${releases}/v1.17.0/renode-1.17.0.linux-arm64-portable.tar.gz`,
    sha256: 'e9051578411441bfb47b77de0381cfba3badce03663367fab561472fd7807f1f',
    executable: 'renode',
  },
  {
    tool: 'renode',
    version: '1.16.1',
    arch: 'x64',
    url: `${releases}/v1.16.1/renode-1.16.1.linux-portable-dotnet.tar.gz`,
    sha256: '00e113cdbd0f5354cf2f64bbe3f5a070d8958409542fca66e45ac97d982938c0',
    executable: 'renode',
  },
  {
    tool: 'renode',
    version: '1.16.1',
    arch: 'arm64',
    url: `${releases}/v1.16.1/renode-1.16.1.linux-arm64-portable-dotnet.tar.gz`,
    sha256: 'fff3a098c96ed0a4ffbdff3f028c9c5fde432db09587c7bd7c99406180f90007',
    executable: 'renode',
  },
];

/** The host as Node names it: `process.platform` and `process.arch`. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
}

/** The pinned Renode for this host, or null where there is none to fetch (macOS, Windows, other processors). */
export function renodeRelease(host: Host, version = renodeVersion): PinnedArchive | null {
  if (host.platform !== 'linux') return null;
  return renodeReleases.find((entry) => entry.arch === host.arch && entry.version === version) ?? null;
}

/** As `renodeRelease`, where Renode was asked for: throws a `DeployError` that names what can be had. */
export function requireRenodeRelease(host: Host, version = renodeVersion): PinnedArchive {
  const release = renodeRelease(host, version);
  if (release !== null) return release;
  const versions = [...new Set(renodeReleases.map((entry) => entry.version))];
  throw new DeployError(
    'input',
    `There is no pinned Renode ${printable(version)} for ${host.platform} ${host.arch}.`,
    {},
    `Pinned are ${versions.join(' and ')} for Linux on x64 and arm64; elsewhere install Renode yourself, or use \`emulator: qemu\`.`,
  );
}
