import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { crossCompiler } from '../tools.ts';

const bench = join(import.meta.dirname, '..', '..', 'bench', 'bench.ts');

test('nothing is slower or bigger than bench/results.json says', async (t) => {
  if ((await crossCompiler(t)) === null) return;
  const { exitCode, all } = await execa(process.execPath, [bench, '--check'], { all: true, reject: false });
  if (exitCode === 2) return t.skip(`SKIPPED: ${all.trim()}`);
  t.diagnostic(all);
  assert.equal(exitCode, 0, all);
});
