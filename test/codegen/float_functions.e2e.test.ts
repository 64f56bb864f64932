import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';

/** What the kernels' comments and docs/float32.md promise, in units in the last place. */
const bounds: Readonly<Record<string, number>> = {
  exponential: 2,
  'exponential-near-0': 2,
  logarithm: 2,
  'logarithm-near-1': 2,
  tangent: 2,
  'tangent-near-0': 2,
  'square-root': 1,
  logistic: 3,
};

const kernels = join(import.meta.dirname, '..', '..', 'runtime', 'kernels');
const functions = ['exponential', 'logarithm', 'tangent', 'square-root', 'logistic'];

/** Products that are rounded by themselves, as on cores without fused multiply-adds, and fused ones. */
for (const [of, flags] of [
  ['rounded products', []],
  ['fused multiply-adds', ['-mfma', '-D__ARM_FEATURE_FMA']],
] as const)
  test(`functions without a C library are within their bounds of double precision, with ${of}`, async (t) => {
    if (of === 'fused multiply-adds' && process.arch !== 'x64')
      return t.skip('fused multiply-adds by -mfma are of x86-64');
    const folder = await mkdtemp(join(tmpdir(), 'tinyml-functions-'));
    try {
      const program = join(folder, 'functions');
      const source = join(import.meta.dirname, 'float_functions.c');
      const common = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-I', kernels];
      await execa('gcc', [...common, ...flags, source, '-lm', '-o', program]);
      const { stdout } = await execa(program);
      const lines = stdout.split('\n').map((line) => line.split(' '));
      assert.ok(functions.every((name) => lines.some(([given]) => given === name)));
      for (const [name = '', worst] of lines) {
        t.diagnostic(`${name}: ${worst} ulp`);
        assert.ok(Number(worst) <= (bounds[name] ?? 0), `${name}: ${worst} ulp`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
