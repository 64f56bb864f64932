// Writes what is generated in the documentation: the tables between markers in README.md and docs/, and schemas/.
//   node scripts/docs.ts          writes
//   node scripts/docs.ts --check  says which files are stale; exit code 1 if any
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './docs/generated.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isCheck = process.argv.includes('--check');

const stale = generatedFiles(root).filter(({ path, text }) => current(path) !== text);
for (const { path, text } of stale) {
  if (!isCheck) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  console.log(`${isCheck ? 'stale' : 'written'}: ${relative(root, path)}`);
}
if (isCheck && stale.length > 0) {
  console.error('Run `npm run docs` and commit the result.');
  process.exitCode = 1;
}

function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
