import type { PinnedArchive } from './pinned_archive.ts';
import type { Host } from './renode_release.ts';

const version = '0.12.5';
const releases = `https://github.com/astral-sh/uv/releases/download/${version}`;

/** uv makes the environment that Keras and SavedModel files are converted in. Checksums as astral-sh/setup-uv has them. */
export const uvReleases: readonly PinnedArchive[] = [
  {
    tool: 'uv',
    version,
    arch: 'x64',
    url: `${releases}/uv-x86_64-unknown-linux-gnu.tar.gz`,
    sha256: '68a509da24b06b4223a1c0175fb5eb5bc79342b76cbeff0cfe51ac3f5b17b6b2',
    executable: 'uv',
  },
  {
    tool: 'uv',
    version,
    arch: 'arm64',
    url: `${releases}/uv-aarch64-unknown-linux-gnu.tar.gz`,
    sha256: '9bf43b4d1a07665bf64d4c4e710930b382321a785e0eb10aac07f46471f86a31',
    executable: 'uv',
  },
];

/** The pinned uv for this host, or null where there is none to fetch. */
export function uvRelease(host: Host): PinnedArchive | null {
  if (host.platform !== 'linux') return null;
  return uvReleases.find(({ arch }) => arch === host.arch) ?? null;
}
