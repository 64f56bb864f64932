// Fuzzes readers of strangers' bytes for longer than the tests do.
//   node test/fuzz/main.ts [TARGET...] [--seconds 60] [--seed N] [--keep]
// --keep adds the inputs under 4 kB that ran something new to the corpus, and leaves only those there that run what no
// smaller one does. A finding is written beside them as finding-*.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCoverage } from './coverage.ts';
import { corpusOf, fuzz } from './fuzz.ts';
import { fuzzTargets, misbehaviour } from './targets.ts';

const largestKept = 4096;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
for (const target of positionals.length === 0 ? Object.keys(fuzzTargets) : positionals) {
  const folder = join(fileURLToPath(new URL('./corpus/', import.meta.url)), target);
  mkdirSync(folder, { recursive: true });
  const write = (prefix: string, bytes: Uint8Array): void => {
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    writeFileSync(join(folder, `${prefix}${digest}`), bytes);
  };
  const { runs, blocks, found, finding } = await fuzz(target, {
    seed,
    milliseconds: Number(values.seconds ?? 60) * 1000,
  });
  console.log(`${target}: seed ${seed}, ${runs} runs, ${blocks} blocks, ${found.length} new inputs`);
  if (values.keep === true) {
    for (const bytes of found) if (bytes.length <= largestKept) write('', bytes);
    distil(target, folder);
  }
  if (finding === null) continue;
  write('finding-', finding.bytes);
  console.error(`${target}: ${finding.how}`);
  process.exitCode = 1;
}

/** Removes what the smaller inputs of the corpus make superfluous; names that tell what an input is are kept. */
function distil(target: string, folder: string): void {
  const reader = fuzzTargets[target];
  if (reader === undefined) return;
  const coverage = startCoverage('/src/');
  const seen = new Set<number>();
  const bySize = [...corpusOf(target)].sort(([, a], [, b]) => a.length - b.length);
  for (const [name, bytes] of bySize) {
    const before = seen.size;
    misbehaviour(reader, bytes);
    for (const block of coverage.take()) seen.add(block);
    if (seen.size === before && /^[0-9a-f]{12}$/.test(name)) rmSync(join(folder, name));
  }
  coverage.stop();
}
