import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { runtimeFolder } from './runtime_folder.ts';

/**
 * SHA-256 over this program itself: the files beside this one (`src/`, or a packed `dist/action`), `runtime/` and what
 * package.json pins. A version number names a release; this also tells apart what lies between two, so that figures are
 * never mixed. Line ends count: the same commit may give another digest on Windows, which only costs a measurement.
 */
export function codeDigest(): string {
  const runtime = runtimeFolder();
  const home = dirname(runtime);
  const files = [...filesBelow(import.meta.dirname), ...filesBelow(runtime), join(home, 'package.json')];
  const hash = createHash('sha256').update(process.version);
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`\n${relative(home, file).split(sep).join('/')} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
