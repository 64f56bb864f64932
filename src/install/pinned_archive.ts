/** One archive of a tool, pinned to its bytes. Nothing is installed that has no checksum here. */
export interface PinnedArchive {
  readonly tool: string;
  readonly version: string;
  readonly arch: Architecture;
  readonly url: string;
  /** Of the archive, lower-case hexadecimal. */
  readonly sha256: string;
  /** The program's path below the archive's only top folder. */
  readonly executable: string;
}

export type Architecture = 'x64' | 'arm64';

/** Names the archive's folder and its cache entry; another name whenever the bytes are others. */
export function cacheName(archive: PinnedArchive): string {
  return `${archive.tool}-${archive.version}-${archive.arch}-${archive.sha256.slice(0, 16)}`;
}
