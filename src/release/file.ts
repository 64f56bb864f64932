import { createHash } from 'node:crypto';

/** One file of a release. */
export interface ReleaseFile {
  /** Without folder. */
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export function describeFile(name: string, content: Uint8Array | string): ReleaseFile {
  return { name, bytes: Buffer.byteLength(content), sha256: sha256(content) };
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
