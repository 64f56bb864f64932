import type { ReleaseFile } from './file.ts';
import { byName } from './order.ts';

/** What `sha256sum --check` and `actions/attest` read: a line per file, sorted. */
export function renderChecksums(files: readonly ReleaseFile[]): string {
  return byName(files, ({ name }) => name)
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join('');
}

/** Names in a file of checksums; lines of any other form name nothing. */
export function namesInChecksums(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[0-9a-f]{64} {2}([^/]+)$/.exec(line)?.[1] ?? []);
}
