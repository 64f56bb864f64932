import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '..', '..');

/**
 * `dist/` into a folder, packed from the sources as they are; that the committed one is the same, `npm run pack -- --check`
 * says. `npm test` packs once for all files, which else would write to one build folder at a time.
 */
export async function packDist(folder: string): Promise<void> {
  const packed = process.env.TINYML_TEST_DIST ?? '';
  if (packed !== '') cpSync(packed, folder, { recursive: true });
  else await execa(process.execPath, [join(root, 'scripts', 'pack.mjs'), '--out', folder]);
}
